// Command groups lists, saves, updates and deletes dial time groups.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"
)

const user = "5832d184-dd53-42a0-8ace-0bf8d660f4cc"

const (
	deleted = `{"code":200,"status":"success","message":"删除成功","data":[]}`
	inUse   = `{"code":8101,"status":"error","message":"呼叫时间组已关联任务,不可删除","data":[]}`
)

type group struct {
	Name        string `json:"name"`
	Content     []day  `json:"content"`
	IsDefault   bool   `json:"is_default"`
	SkipHoliday bool   `json:"skip_holiday"`
}

type day struct {
	Week  int      `json:"week"` // 0 is Sunday, 6 is Saturday
	Times []window `json:"times"`
}

type window struct {
	Begin string `json:"begin_time"`
	End   string `json:"end_time"`
}

var mondayAndWednesday = group{
	Name: "周一周三拨打",
	Content: []day{
		{Week: 1, Times: []window{{"08:00", "20:00"}, {"20:30", "22:00"}}},
		{Week: 3, Times: []window{{"08:00", "12:00"}, {"20:30", "22:00"}}},
	},
	SkipHoliday: true,
}

var friday = group{
	Name: "代理测试1",
	Content: []day{
		{Week: 5, Times: []window{{"08:00", "20:00"}, {"20:30", "22:00"}}},
	},
	IsDefault:   true,
	SkipHoliday: true,
}

// answer is what every call is answered with; what Data holds depends on the call.
type answer struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`

	body string
}

type client struct {
	http   http.Client
	groups string
	token  string
}

// call makes one request, prints the answer's code and message, and fails if status or code is not as wanted.
func (c *client) call(name, method, path string, body any, status, code int) (*answer, error) {
	var payload io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		payload = bytes.NewReader(encoded)
	}
	request, err := http.NewRequest(method, c.groups+path, payload)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+c.token)

	response, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}

	a := &answer{body: string(raw)}
	if err := json.Unmarshal(raw, a); err != nil {
		return nil, fmt.Errorf("%s: HTTP %d %s: %w", name, response.StatusCode, raw, err)
	}
	fmt.Println(name, a.Code, a.Message)
	if response.StatusCode != status || a.Code != code {
		return nil, fmt.Errorf("%s: unexpected answer: HTTP %d %s", name, response.StatusCode, raw)
	}
	return a, nil
}

func run(c *client) error {
	if _, err := c.call("list", http.MethodGet, "?page=1", nil, http.StatusOK, 200); err != nil {
		return err
	}

	saved, err := c.call("save", http.MethodPost, "", mondayAndWednesday, http.StatusOK, 200)
	if err != nil {
		return err
	}
	var created struct {
		ID int64 `json:"id"`
	}
	if err := json.Unmarshal(saved.Data, &created); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	path := fmt.Sprintf("/%d", created.ID)

	updated, err := c.call("update", http.MethodPut, path, friday, http.StatusOK, 200)
	if err != nil {
		return err
	}
	if updated.Message != "修改成功" {
		return fmt.Errorf("update: unexpected message: %s", updated.body)
	}

	gone, err := c.call("delete", http.MethodDelete, path, nil, http.StatusOK, 200)
	if err != nil {
		return err
	}
	if gone.body != deleted {
		return fmt.Errorf("delete: unexpected answer: %s", gone.body)
	}

	// A task uses this group: it must stay.
	refused, err := c.call("delete-in-use", http.MethodDelete, "/428", nil, http.StatusConflict, 8101)
	if err != nil {
		return err
	}
	if refused.body != inUse {
		return fmt.Errorf("delete-in-use: unexpected answer: %s", refused.body)
	}
	return nil
}

func env(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

func main() {
	log.SetFlags(0)
	c := &client{
		http:   http.Client{Timeout: 10 * time.Second},
		groups: env("DIALTIME_URL", "http://127.0.0.1:8080") + "/agent-api/user/" + user + "/dial-time-group",
		token:  env("DIALTIME_TOKEN", "YOUR_TOKEN"),
	}
	if err := run(c); err != nil {
		log.Fatal(err)
	}
}
