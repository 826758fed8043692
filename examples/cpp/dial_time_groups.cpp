// Lists, saves, updates and deletes dial time groups, with libcurl and nlohmann/json.
#include <curl/curl.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

using nlohmann::json;

const char* const user = "5832d184-dd53-42a0-8ace-0bf8d660f4cc";

const char* const monday_and_wednesday = R"({
    "name": "周一周三拨打",
    "content": [
        {"week": 1, "times": [
            {"begin_time": "08:00", "end_time": "20:00"},
            {"begin_time": "20:30", "end_time": "22:00"}]},
        {"week": 3, "times": [
            {"begin_time": "08:00", "end_time": "12:00"},
            {"begin_time": "20:30", "end_time": "22:00"}]}
    ],
    "is_default": false,
    "skip_holiday": true
})";

const char* const friday = R"({
    "name": "代理测试1",
    "content": [
        {"week": 5, "times": [
            {"begin_time": "08:00", "end_time": "20:00"},
            {"begin_time": "20:30", "end_time": "22:00"}]}
    ],
    "is_default": true,
    "skip_holiday": true
})";

const char* const deleted = R"({"code":200,"status":"success","message":"删除成功","data":[]})";
const char* const in_use = R"({"code":8101,"status":"error","message":"呼叫时间组已关联任务,不可删除","data":[]})";

std::string env(const char* name, const char* fallback) {
    const char* value = std::getenv(name);
    return value ? value : fallback;
}

struct Answer {
    long status;
    std::string body;

    json parsed() const { return json::parse(body); }

    // Throws unless the answer was as expected.
    void require(bool as_expected) const {
        if (!as_expected) {
            throw std::runtime_error("unexpected answer: HTTP " + std::to_string(status) + " " + body);
        }
    }

    // Prints the code and message; throws unless status and code are the given ones.
    const Answer& check(const std::string& name, long expected_status = 200, int expected_code = 200) const {
        const json answer = parsed();
        const int code = answer.at("code");
        std::cout << name << ' ' << code << ' ' << answer.at("message").get<std::string>() << '\n';
        require(status == expected_status && code == expected_code);
        return *this;
    }
};

class Client {
public:
    Client(std::string groups, const std::string& token) : groups_(std::move(groups)), curl_(curl_easy_init()) {
        if (!curl_) {
            throw std::runtime_error("libcurl cannot start");
        }
        add_header("Content-Type: application/json");
        add_header("Authorization: Bearer " + token);
    }

    // One request; the connection is kept for the next.
    Answer send(const std::string& method, const std::string& path, const char* body = nullptr) {
        const std::string url = groups_ + path;
        Answer answer{};
        curl_easy_reset(curl_.get());
        set(CURLOPT_URL, url.c_str());
        set(CURLOPT_CUSTOMREQUEST, method.c_str());
        set(CURLOPT_HTTPHEADER, headers_.get());
        set(CURLOPT_TIMEOUT, 10L);
        set(CURLOPT_WRITEFUNCTION, &append);
        set(CURLOPT_WRITEDATA, &answer.body);
        if (body) {
            set(CURLOPT_POSTFIELDS, body);
        }
        require_ok(curl_easy_perform(curl_.get()));
        require_ok(curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &answer.status));
        return answer;
    }

private:
    struct Cleanup {
        void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
        void operator()(curl_slist* list) const { curl_slist_free_all(list); }
    };

    static std::size_t append(char* data, std::size_t size, std::size_t count, std::string* body) {
        body->append(data, size * count);
        return size * count;
    }

    static void require_ok(CURLcode code) {
        if (code != CURLE_OK) {
            throw std::runtime_error(curl_easy_strerror(code));
        }
    }

    template <typename Value>
    void set(CURLoption option, Value value) {
        require_ok(curl_easy_setopt(curl_.get(), option, value));
    }

    // Frees the old list only once the longer one, which holds the same nodes, is there.
    void add_header(const std::string& line) {
        curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
        if (!longer) {
            throw std::bad_alloc();
        }
        headers_.release();
        headers_.reset(longer);
    }

    std::string groups_;
    std::unique_ptr<CURL, Cleanup> curl_;
    std::unique_ptr<curl_slist, Cleanup> headers_;
};

void run() {
    Client client(env("DIALTIME_URL", "http://127.0.0.1:8080") + "/agent-api/user/" + user + "/dial-time-group",
                  env("DIALTIME_TOKEN", "YOUR_TOKEN"));

    client.send("GET", "?page=1").check("list");

    const Answer saved = client.send("POST", "", monday_and_wednesday).check("save");
    const std::string path = "/" + std::to_string(saved.parsed().at("data").at("id").get<long>());

    const Answer updated = client.send("PUT", path, friday).check("update");
    updated.require(updated.parsed().at("message") == "修改成功");

    const Answer gone = client.send("DELETE", path).check("delete");
    gone.require(gone.body == deleted);

    // A task uses this group: it must stay.
    const Answer refused = client.send("DELETE", "/428").check("delete-in-use", 409, 8101);
    refused.require(refused.body == in_use);
}

int main() {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        std::cerr << "libcurl cannot start\n";
        return EXIT_FAILURE;
    }
    int status = EXIT_SUCCESS;
    try {
        run();
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        status = EXIT_FAILURE;
    }
    curl_global_cleanup();
    return status;
}
