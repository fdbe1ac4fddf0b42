#!/bin/sh
# The store is tested on PostgreSQL too, on a server that the tests start for themselves. Install it where that is possible,
# say so where it is not.
command -v postgres >/dev/null 2>&1 && exit 0
for folder in /usr/lib/postgresql/*/bin; do
    [ -x "$folder/postgres" ] && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing PostgreSQL for the tests of the store."
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql; } >/dev/null 2>&1 && exit 0
fi
echo "There is no PostgreSQL here, so the tests of the store on it are skipped. Install it (on Debian: apt-get install postgresql) to run them."
