<?php

// Lists, saves, updates and deletes dial time groups, with PHP's cURL extension.

declare(strict_types=1);

const USER = '5832d184-dd53-42a0-8ace-0bf8d660f4cc';

const MONDAY_AND_WEDNESDAY = [
    'name' => '周一周三拨打',
    'content' => [
        ['week' => 1, 'times' => [
            ['begin_time' => '08:00', 'end_time' => '20:00'],
            ['begin_time' => '20:30', 'end_time' => '22:00'],
        ]],
        ['week' => 3, 'times' => [
            ['begin_time' => '08:00', 'end_time' => '12:00'],
            ['begin_time' => '20:30', 'end_time' => '22:00'],
        ]],
    ],
    'is_default' => false,
    'skip_holiday' => true,
];

const FRIDAY = [
    'name' => '代理测试1',
    'content' => [
        ['week' => 5, 'times' => [
            ['begin_time' => '08:00', 'end_time' => '20:00'],
            ['begin_time' => '20:30', 'end_time' => '22:00'],
        ]],
    ],
    'is_default' => true,
    'skip_holiday' => true,
];

const DELETED = '{"code":200,"status":"success","message":"删除成功","data":[]}';
const IN_USE = '{"code":8101,"status":"error","message":"呼叫时间组已关联任务,不可删除","data":[]}';

final class Answer
{
    private array $fields;

    public function __construct(private int $status, private string $body)
    {
        $this->fields = json_decode($body, true, flags: JSON_THROW_ON_ERROR);
    }

    /** Prints the code and message, and returns this answer if status and code are as expected. */
    public function check(string $name, int $status = 200, int $code = 200): self
    {
        echo "$name {$this->fields['code']} {$this->fields['message']}\n";

        return $this->require($this->status === $status && $this->fields['code'] === $code);
    }

    public function checkMessage(string $expected): void
    {
        $this->require($this->fields['message'] === $expected);
    }

    public function checkExactly(string $expected): void
    {
        $this->require($this->body === $expected);
    }

    public function id(): int
    {
        return $this->fields['data']['id'];
    }

    private function require(bool $asExpected): self
    {
        return $asExpected ? $this : throw new UnexpectedValueException("HTTP {$this->status} {$this->body}");
    }
}

final class Client
{
    public function __construct(private string $url, private string $token)
    {
    }

    public function send(string $method, string $path, ?array $body = null): Answer
    {
        $curl = curl_init("{$this->url}/agent-api/user/" . USER . "/dial-time-group$path");
        curl_setopt_array($curl, [
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_HTTPHEADER => [
                'Content-Type: application/json',
                "Authorization: Bearer {$this->token}",
            ],
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => 10,
        ]);
        if ($body !== null) {
            curl_setopt($curl, CURLOPT_POSTFIELDS, json_encode($body, JSON_THROW_ON_ERROR));
        }

        $response = curl_exec($curl);
        if ($response === false) {
            throw new RuntimeException(curl_error($curl));
        }

        return new Answer(curl_getinfo($curl, CURLINFO_RESPONSE_CODE), $response);
    }
}

$client = new Client(
    getenv('DIALTIME_URL') ?: 'http://127.0.0.1:8080',
    getenv('DIALTIME_TOKEN') ?: 'YOUR_TOKEN',
);

$client->send('GET', '?page=1')->check('list');

$id = $client->send('POST', '', MONDAY_AND_WEDNESDAY)->check('save')->id();

$client->send('PUT', "/$id", FRIDAY)->check('update')->checkMessage('修改成功');

$client->send('DELETE', "/$id")->check('delete')->checkExactly(DELETED);

// A task uses this group: it must stay.
$client->send('DELETE', '/428')->check('delete-in-use', status: 409, code: 8101)->checkExactly(IN_USE);
