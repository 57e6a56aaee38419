#!/usr/bin/env bash
# Browser tests drive the system's Chromium with a Japanese font. Installs both where it may, says what is missing where not.
set -u
find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
has_font() { fc-list ':lang=ja' 2>/dev/null | grep -q .; }
if find_chromium >/dev/null && has_font; then exit 0; fi
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"
if command -v apt-get >/dev/null; then
  echo "Installing Chromium and a Japanese font from the system's packages ..."
  $sudo apt-get update -qq >/dev/null 2>&1
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-noto-cjk >/dev/null 2>&1
fi
if find_chromium >/dev/null && has_font; then exit 0; fi
echo "The browser tests need Chromium and a Japanese font, and neither could be installed here." >&2
echo "Debian/Ubuntu: sudo apt-get install chromium fontconfig fonts-noto-cjk    Others: your system's packages of the same." >&2
exit 1
