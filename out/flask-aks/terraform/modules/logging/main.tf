locals {
  # Helm compares a local chart by its version alone; the digest makes an edited template a change.
  chart_digest = sha256(join("", [
    for file in sort(fileset("${path.module}/chart", "**")) : filesha256("${path.module}/chart/${file}")
  ]))
}

resource "helm_release" "operator" {
  name             = "elastic-operator"
  namespace        = "elastic-system"
  create_namespace = true
  repository       = "https://helm.elastic.co"
  chart            = "eck-operator"
  version          = var.chart_versions.eck_operator

  atomic          = true
  cleanup_on_fail = true
  max_history     = 5
  timeout         = 600

  values = [yamlencode({
    # What the operator may look after, and no other namespace.
    managedNamespaces = [var.namespace]
    telemetry         = { disabled = true }
    resources         = { requests = { cpu = "50m", memory = "128Mi" }, limits = { memory = "512Mi" } }
  })]
}

resource "helm_release" "stack" {
  name        = "logs"
  namespace   = var.namespace
  chart       = "${path.module}/chart"
  description = "chart ${substr(local.chart_digest, 0, 12)}"

  atomic          = true
  cleanup_on_fail = true
  max_history     = 5
  timeout         = 1200

  values = [yamlencode({
    version       = var.stack_version
    nodes         = var.nodes
    size          = var.size
    storageClass  = var.storage_class
    retentionDays = var.retention_days
    writer        = var.writer_secret
  })]

  depends_on = [helm_release.operator]
}

resource "helm_release" "fluent_bit" {
  name       = "fluent-bit"
  namespace  = var.namespace
  repository = "https://fluent.github.io/helm-charts"
  chart      = "fluent-bit"
  version    = var.chart_versions.fluent_bit

  atomic          = true
  cleanup_on_fail = true
  max_history     = 5
  timeout         = 600

  values = [yamlencode({
    env = [
      for name, key in { WRITER = "username", WRITER_PASSWORD = "password" } : {
        name                    = name
        valueFrom               = { secretKeyRef = { name = var.writer_secret, key = key } }
      }
    ]
    extraVolumes      = [{ name = "elasticsearch-ca", secret = { secretName = "logs-es-http-certs-public" } }]
    extraVolumeMounts = [{ name = "elasticsearch-ca", mountPath = "/etc/elasticsearch-ca", readOnly = true }]
    resources         = { requests = { cpu = "20m", memory = "64Mi" }, limits = { memory = "256Mi" } }

    config = {
      service = <<-EOT
        [SERVICE]
            Daemon                    Off
            Flush                     5
            Parsers_File              /fluent-bit/etc/parsers.conf
            HTTP_Server               On
            HTTP_Listen               0.0.0.0
            HTTP_Port                 2020
            Health_Check              On
            storage.path              /var/log/fluent-bit-buffer
            storage.max_chunks_up     64
      EOT
      inputs  = <<-EOT
        [INPUT]
            Name                      tail
            Path                      /var/log/containers/*.log
            Exclude_Path              /var/log/containers/fluent-bit-*.log
            multiline.parser          cri
            Tag                       kube.*
            DB                        /var/log/fluent-bit.db
            Mem_Buf_Limit             16MB
            Skip_Long_Lines           On
            storage.type              filesystem
      EOT
      # A line that is a JSON object, as the applications write them, becomes its fields.
      filters = <<-EOT
        [FILTER]
            Name                      kubernetes
            Match                     kube.*
            Merge_Log                 On
            Merge_Log_Key             app
            Keep_Log                  On
            K8S-Logging.Parser        On
            K8S-Logging.Exclude       On
            Annotations               Off
      EOT
      # Version 9 knows no types, and a data stream takes new documents only.
      outputs = <<-EOT
        [OUTPUT]
            Name                      es
            Match                     kube.*
            Host                      logs-es-http
            Port                      9200
            HTTP_User                 $${WRITER}
            HTTP_Passwd               $${WRITER_PASSWORD}
            tls                       On
            tls.verify                On
            tls.ca_file               /etc/elasticsearch-ca/ca.crt
            Index                     logs-kubernetes-default
            Write_Operation           create
            Suppress_Type_Name        On
            Replace_Dots              On
            Trace_Error               On
            Retry_Limit               20
            storage.total_limit_size  512M
      EOT
    }
  })]

  depends_on = [helm_release.stack]
}
