# What checks against a real Asterisk have in common: it runs in a folder of its own, from another release of Debian where this one has
# none. To be sourced, in the project's folder. It needs Debian, root and mmdebstrap. DIALTIME_BIN names a dialtime binary to use; else cargo
# builds one.
# shellcheck shell=bash

processes=()
mounts=()

finish() {
    local number
    for number in "${processes[@]}"; do kill "$number" 2>/dev/null || true; done
    wait 2>/dev/null || true
    for number in "${mounts[@]}"; do umount "$number" || true; done
}
trap finish EXIT

fail() {
    echo "$*" >&2
    exit 1
}

cannot() {
    echo "not checked: $*" >&2
    exit 69
}

install_mmdebstrap() {
    command -v apt-get >/dev/null && apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q --yes --no-install-recommends mmdebstrap
}

install_asterisk() {
    [[ ! -x $1/usr/sbin/asterisk ]] || return 0
    command -v mmdebstrap >/dev/null || install_mmdebstrap || cannot "mmdebstrap is not there: apt-get install mmdebstrap"
    local mirror
    # shellcheck disable=SC2016 # the name is apt-get's, not the shell's
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | head -1)
    mkdir -p "$(dirname "$1")"
    mmdebstrap --mode=root --variant=minbase --include=asterisk,python3 bullseye "$1.new" \
        "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bullseye main"
    mv "$1.new" "$1"
}

# Starts the demo with these options; sets `base` to its address.
start_demo() {
    local log=$PWD/target/long/demo.log
    # That of the run before would be read else.
    : >"$log"
    "${DIALTIME_BIN:-target/debug/dialtime}" demo --listen 127.0.0.1:0 "$@" >"$log" 2>&1 &
    processes+=($!)
    for _ in {1..100}; do
        base=$(sed -n 's|.*\(http://127\.0\.0\.1:[0-9]*\)/docs.*|\1|p' "$log" | head -1)
        [[ -z $base ]] || return 0
        sleep 0.1
    done
    fail "the demo did not start: $(cat "$log")"
}

# Says something to Asterisk, again and again for so many tenths of a second until it is understood.
say() {
    for ((n = 0; n < ${3:-1}; n++)); do
        chroot "$1" asterisk -rx "$2" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    fail "does not take '$2': $(tail -5 "$1.log")"
}
