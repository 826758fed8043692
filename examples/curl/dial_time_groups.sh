#!/usr/bin/env bash
# Lists, saves, updates and deletes dial time groups, with curl and jq.
set -euo pipefail

user=5832d184-dd53-42a0-8ace-0bf8d660f4cc
groups=${DIALTIME_URL:-http://127.0.0.1:8080}/agent-api/user/$user/dial-time-group
token=${DIALTIME_TOKEN:-YOUR_TOKEN}

fail() {
    echo "$*" >&2
    exit 1
}

# request METHOD URL [CURL OPTION...]: sets $status and $answer.
request() {
    answer=$(curl --silent --show-error --max-time 10 --write-out '\n%{http_code}' \
        --request "$1" "$2" "${@:3}" \
        --header "Content-Type: application/json" \
        --header "Authorization: Bearer $token")
    status=${answer##*$'\n'}
    answer=${answer%$'\n'*}
}

# report NAME: prints the code and message of the answer.
report() {
    jq --raw-output --arg name "$1" '"\($name) \(.code) \(.message)"' <<<"$answer"
}

# expect STATUS CODE: stops unless the answer has this HTTP status and this code.
expect() {
    [[ $status == "$1" && $(jq .code <<<"$answer") == "$2" ]] || fail "unexpected answer: HTTP $status $answer"
}

# expect_exactly STATUS ANSWER: stops unless the answer is this one, to the byte.
expect_exactly() {
    [[ $status == "$1" && $answer == "$2" ]] || fail "unexpected answer: HTTP $status $answer"
}

request GET "$groups?page=1"
report list
expect 200 200

request POST "$groups" --data '{
    "name": "周一周三拨打",
    "content": [
        {"week": 1, "times": [{"begin_time": "08:00", "end_time": "20:00"}, {"begin_time": "20:30", "end_time": "22:00"}]},
        {"week": 3, "times": [{"begin_time": "08:00", "end_time": "12:00"}, {"begin_time": "20:30", "end_time": "22:00"}]}
    ],
    "is_default": false,
    "skip_holiday": true
}'
report save
expect 200 200
id=$(jq --exit-status .data.id <<<"$answer") || fail "no id in the answer: $answer"

request PUT "$groups/$id" --data '{
    "name": "代理测试1",
    "content": [
        {"week": 5, "times": [{"begin_time": "08:00", "end_time": "20:00"}, {"begin_time": "20:30", "end_time": "22:00"}]}
    ],
    "is_default": true,
    "skip_holiday": true
}'
report update
expect 200 200
[[ $(jq --raw-output .message <<<"$answer") == 修改成功 ]] || fail "unexpected message: $answer"

request DELETE "$groups/$id"
report delete
expect_exactly 200 '{"code":200,"status":"success","message":"删除成功","data":[]}'

# A task uses this group: it must stay.
request DELETE "$groups/428"
report delete-in-use
expect_exactly 409 '{"code":8101,"status":"error","message":"呼叫时间组已关联任务,不可删除","data":[]}'
