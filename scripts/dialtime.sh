# A server to call with, for scripts that hold the program against other people's: sourced by check-pipecat, check-twilio, check-s3, check-full-disk and check-full-disk-import.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2120 # what is here is used by who sources it

processes=()
folder=$(mktemp -d)

cannot() {
    echo "$1" >&2
    exit 69
}

stop_processes() {
    local process
    for process in "${processes[@]}"; do
        kill "$process" 2>/dev/null || continue
        wait "$process" 2>/dev/null || true
    done
    processes=()
}

stop_all() {
    stop_processes
    rm -rf "$folder"
}
trap stop_all EXIT

api() { # method path body
    curl -sS -X "$1" "$url$2" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "$3"
}

id_of() { # what is answered on standard input
    python3 -c 'import json, sys; answer = json.load(sys.stdin); print(answer["data"]["'"$1"'"] if answer["code"] == 200 else sys.exit(answer))'
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

listens() { (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; } # port

wait_for() { # what, command...
    local what=$1 left=300
    shift
    until "$@" >/dev/null 2>&1; do
        ((left-- > 0)) || { echo "$what: not within 30 s" >&2; exit 1; }
        sleep 0.1
    done
}

# A Python with what a file of requirements names, installed once: prints where it is.
python_with() { # name requirements
    local place=target/long/$1
    if ! cmp --silent "$2" "$place/requirements.txt"; then
        rm -rf "$place"
        python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || cannot "needs Python 3.11"
        python3 -m venv "$place" || cannot "needs Python's venv"
        "$place/bin/python" -m pip install --quiet -r "$2" || cannot "cannot install what $2 names"
        cp "$2" "$place/requirements.txt"
    fi
    echo "$place/bin/python"
}

# Starts a server with a partner and a user, and these options; what it leaves behind goes with the script.
start_server() { # options...
    [[ -n ${DIALTIME_BIN:-} ]] || cargo build --quiet --package dialtime
    dialtime=${DIALTIME_BIN:-target/debug/dialtime}
    export DIALTIME_DATABASE_URL=sqlite:$folder/dialtime.db
    "$dialtime" migrate >/dev/null 2>&1
    local partner port
    partner=$("$dialtime" partner create checks 2>/dev/null)
    token=$("$dialtime" token create --partner "$partner" 2>/dev/null)
    user=$("$dialtime" user create --partner "$partner" --name Ann --email ann@example.com --phone 13800000000 2>/dev/null)
    port=$(free_port)
    url=http://127.0.0.1:$port
    "$dialtime" serve --listen "127.0.0.1:$port" --sip-listen 127.0.0.1:0 --data-folder "$folder/data" "$@" >"$folder/server.log" 2>&1 &
    processes+=($!)
    wait_for "the server" curl -sf "$url/readyz"
}

# A line of the user's to phones at a port of this machine: prints its id.
new_line() { # port
    local line
    line=$(api POST /agent-api/line '{"name":"phones","kind":"sip","channels":100,"cps":20,
        "sip":{"addresses":["127.0.0.1:'"$1"'"],"codecs":["pcmu"]}}' | id_of id)
    api POST "/agent-api/new/user/$user/line/$line" '{"line_concurrency":100}' >/dev/null
    echo "$line"
}

# A task that runs a script over a line, with so many numbers and more fields; it is started. Prints its id.
new_task() { # line script numbers [fields]
    local group task
    group=$(api POST "/agent-api/user/$user/dial-time-group" "$(always_open)" | id_of id)
    task=$(api POST "/agent-api/user/$user/task" '{"name":"check","dial_time_id":'"$group"',"destination_extension":'"$2"',
        "maximumcall":'"${most:-100}"',"caller_line_id":"'"$1"'"'"${4:+,$4}"'}' | id_of uuid)
    api POST "/agent-api/user/$user/task/$task/number" "$(numbers "$3")" >/dev/null
    api PUT "/agent-api/user/$user/task_start/$task" '{}' >/dev/null
    echo "$task"
}

always_open() {
    python3 -c 'import json; print(json.dumps({"name": "always", "is_default": False, "skip_holiday": False, "content": [
        {"week": day, "times": [{"begin_time": "00:00", "end_time": "24:00"}]} for day in range(7)]}))'
}

numbers() { # how many
    python3 -c 'import json; print(json.dumps({"data": [{"phone": f"138{number:08}"} for number in range('"$1"')]}))'
}
