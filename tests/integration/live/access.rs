//! How the API server is reached, and what is shown on the way.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, io, thread};

use super::{Cluster, NAMESPACE};
use crate::drift::{stderr, stdout};

/// A proxy that counts its tunnels; it ends with the test.
fn proxy() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let tunnels = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tunnels);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let count = Arc::clone(&count);
            thread::spawn(move || tunnel(stream, &count));
        }
    });
    (address, tunnels)
}

fn tunnel(mut client: TcpStream, count: &AtomicUsize) -> io::Result<()> {
    let mut head = BufReader::new(client.try_clone()?);
    let mut line = String::new();
    head.read_line(&mut line)?;
    let target = line.strip_prefix("CONNECT ").unwrap_or_default();
    let target = target.split(' ').next().unwrap_or_default().to_owned();
    while line.trim() != "" {
        line.clear();
        head.read_line(&mut line)?;
    }
    let mut server = TcpStream::connect(target)?;
    count.fetch_add(1, Ordering::Relaxed);
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let (mut from, mut to) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
    let _ = io::copy(&mut head, &mut server);
    server.shutdown(Shutdown::Both)
}

/// A proxy that the kubeconfig names is used.
pub(super) fn through_a_proxy(cluster: &Cluster) {
    let (address, tunnels) = proxy();
    let config = cluster.home.join("proxied");
    let text = fs::read_to_string(cluster.folder.join("kubeconfig")).unwrap();
    let text = text.replace("server:", &format!("proxy-url: {address}\n    server:"));
    fs::write(&config, &text).unwrap();
    assert!(text.contains("proxy-url"), "{text}");
    cluster.deploy(&["apply", "--server-side"]);
    let access = ["--kubeconfig", config.to_str().unwrap()];
    assert_eq!(cluster.drift(&access), (0, vec![]));
    let used = tunnels.load(Ordering::Relaxed);
    assert!(used > 0, "the proxy was not asked");
    // One that does not answer is an error, and no way around it is taken.
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    fs::write(&config, text.replace(&address, &format!("http://{nobody}"))).unwrap();
    let gen_ = env!("CARGO_BIN_EXE_gen");
    let args = [&["drift", "--cluster"], &access[..], &[super::SPEC]].concat();
    let output = cluster.run(gen_, &args);
    assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
    cluster.remove();
}

/// On a terminal, many objects show how far they are; elsewhere nothing is shown.
pub(super) fn progress(cluster: &Cluster) {
    let objects: String = (0..30)
        .map(|at| {
            format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: many-{at}\ndata:\n  a: b\n---\n")
        })
        .collect();
    let path = cluster.home.join("many.yaml");
    fs::write(&path, objects).unwrap();
    let path = path.to_str().unwrap();
    cluster.sure(&["apply", "--server-side", "-n", NAMESPACE, "-f", path]);
    let gen_ = env!("CARGO_BIN_EXE_gen");
    let args = ["drift", "--cluster", "-n", NAMESPACE, "--manifests", path];
    let plain = cluster.run(gen_, &args);
    assert_eq!(plain.status.code(), Some(0), "{}", stdout(&plain));
    assert!(
        !stderr(&plain).contains("/30 objects"),
        "{}",
        stderr(&plain)
    );
    let line = format!("{gen_} {}", args.join(" "));
    let shown = cluster.run(
        "script",
        &["--quiet", "--return", "--command", &line, "/dev/null"],
    );
    let mut text = String::new();
    shown.stdout.as_slice().read_to_string(&mut text).unwrap();
    assert!(shown.status.success(), "{text}");
    assert!(text.contains("12/30 objects"), "{text:?}");
    assert!(text.matches("/30 objects").count() > 2, "{text:?}");
    cluster.sure(&["delete", "-n", NAMESPACE, "-f", path]);
}
