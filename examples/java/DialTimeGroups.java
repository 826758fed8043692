import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Lists, saves, updates and deletes dial time groups, with the JDK's own HTTP client.
 *
 * <p>Answers are read with two small patterns, to need nothing beyond the JDK. Use a JSON library in real code.
 */
public final class DialTimeGroups {
    private static final String USER = "5832d184-dd53-42a0-8ace-0bf8d660f4cc";
    private static final String GROUPS =
            env("DIALTIME_URL", "http://127.0.0.1:8080") + "/agent-api/user/" + USER + "/dial-time-group";
    private static final String TOKEN = env("DIALTIME_TOKEN", "YOUR_TOKEN");

    private static final String MONDAY_AND_WEDNESDAY = """
            {
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
            }
            """;

    private static final String FRIDAY = """
            {
              "name": "代理测试1",
              "content": [
                {"week": 5, "times": [
                  {"begin_time": "08:00", "end_time": "20:00"},
                  {"begin_time": "20:30", "end_time": "22:00"}]}
              ],
              "is_default": true,
              "skip_holiday": true
            }
            """;

    private static final String DELETED = """
            {"code":200,"status":"success","message":"删除成功","data":[]}""";
    private static final String IN_USE = """
            {"code":8101,"status":"error","message":"呼叫时间组已关联任务,不可删除","data":[]}""";

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final HttpClient CLIENT = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private record Answer(int status, String body) {
        private static final Pattern CODE = Pattern.compile("\"code\":\\s*(\\d+)");
        private static final Pattern MESSAGE = Pattern.compile("\"message\":\\s*\"([^\"]*)\"");
        private static final Pattern ID = Pattern.compile("\"id\":\\s*(\\d+)");

        /** Prints the code and message, and returns this answer if status and code are as expected. */
        Answer check(String name, int expectedStatus, int expectedCode) throws IOException {
            var code = first(CODE);
            OUT.println(name + " " + code + " " + message());
            return require(status == expectedStatus && code.equals(String.valueOf(expectedCode)));
        }

        Answer checkMessage(String expected) throws IOException {
            return require(message().equals(expected));
        }

        Answer checkExactly(String expected) throws IOException {
            return require(body.equals(expected));
        }

        String message() throws IOException {
            return first(MESSAGE);
        }

        String id() throws IOException {
            return first(ID);
        }

        private String first(Pattern pattern) throws IOException {
            var found = pattern.matcher(body);
            require(found.find());
            return found.group(1);
        }

        private Answer require(boolean asExpected) throws IOException {
            if (!asExpected) {
                throw new IOException("unexpected answer: HTTP " + status + " " + body);
            }
            return this;
        }
    }

    private static Answer send(String method, String url, BodyPublisher body) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url))
                .method(method, body)
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + TOKEN)
                .timeout(TIMEOUT)
                .build();
        var response = CLIENT.send(request, BodyHandlers.ofString());
        return new Answer(response.statusCode(), response.body());
    }

    private static Answer send(String method, String url) throws IOException, InterruptedException {
        return send(method, url, BodyPublishers.noBody());
    }

    private static Answer send(String method, String url, String json) throws IOException, InterruptedException {
        return send(method, url, BodyPublishers.ofString(json));
    }

    private static String env(String name, String fallback) {
        return System.getenv().getOrDefault(name, fallback);
    }

    public static void main(String[] args) throws Exception {
        send("GET", GROUPS + "?page=1").check("list", 200, 200);

        var group = GROUPS + "/" + send("POST", GROUPS, MONDAY_AND_WEDNESDAY).check("save", 200, 200).id();

        send("PUT", group, FRIDAY).check("update", 200, 200).checkMessage("修改成功");

        send("DELETE", group).check("delete", 200, 200).checkExactly(DELETED);

        // A task uses this group: it must stay.
        send("DELETE", GROUPS + "/428").check("delete-in-use", 409, 8101).checkExactly(IN_USE);
    }
}
