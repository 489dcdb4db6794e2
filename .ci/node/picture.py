"""Takes a picture of one page: picture.py FILE URL [RESOLVE TRUST]"""

import sys

from chromium import Chromium, PageFault


def main():
    file, url, *where = sys.argv[1:]
    with Chromium(*where, size=(720, 110)) as browser:
        try:
            browser.go(url)
            if browser.status() != 200:
                sys.exit(f"{url} answers {browser.status()}")
            browser.picture(file)
        except PageFault as fault:
            sys.exit(str(fault))


main()
