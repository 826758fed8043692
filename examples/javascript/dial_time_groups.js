// Lists, saves, updates and deletes dial time groups, with axios.
import assert from 'node:assert/strict';
import axios from 'axios';

const user = '5832d184-dd53-42a0-8ace-0bf8d660f4cc';
const { DIALTIME_URL = 'http://127.0.0.1:8080', DIALTIME_TOKEN = 'YOUR_TOKEN' } = process.env;

const client = axios.create({
  baseURL: `${DIALTIME_URL}/agent-api/user/${user}`,
  headers: {
    'Content-Type': 'application/json',
    Authorization: `Bearer ${DIALTIME_TOKEN}`,
  },
  timeout: 10_000,
});

const mondayAndWednesday = {
  name: '周一周三拨打',
  content: [
    {
      week: 1,
      times: [
        { begin_time: '08:00', end_time: '20:00' },
        { begin_time: '20:30', end_time: '22:00' },
      ],
    },
    {
      week: 3,
      times: [
        { begin_time: '08:00', end_time: '12:00' },
        { begin_time: '20:30', end_time: '22:00' },
      ],
    },
  ],
  is_default: false,
  skip_holiday: true,
};

const friday = {
  name: '代理测试1',
  content: [
    {
      week: 5,
      times: [
        { begin_time: '08:00', end_time: '20:00' },
        { begin_time: '20:30', end_time: '22:00' },
      ],
    },
  ],
  is_default: true,
  skip_holiday: true,
};

const deleted = { code: 200, status: 'success', message: '删除成功', data: [] };
const inUse = { code: 8101, status: 'error', message: '呼叫时间组已关联任务,不可删除', data: [] };

function report(name, answer) {
  console.log(name, answer.code, answer.message);
  return answer;
}

// axios rejects when the HTTP status is not 2xx.
const list = await client.get('/dial-time-group', { params: { page: 1 } });
assert.equal(report('list', list.data).code, 200);

const saved = await client.post('/dial-time-group', mondayAndWednesday);
assert.equal(report('save', saved.data).code, 200);
const { id } = saved.data.data;
assert.ok(Number.isInteger(id), `no id in ${JSON.stringify(saved.data)}`);

const updated = await client.put(`/dial-time-group/${id}`, friday);
assert.equal(report('update', updated.data).code, 200);
assert.equal(updated.data.message, '修改成功');

const gone = await client.delete(`/dial-time-group/${id}`);
assert.deepEqual(report('delete', gone.data), deleted);

// A task uses this group: it must stay.
await assert.rejects(client.delete('/dial-time-group/428'), ({ response }) => {
  assert.equal(response?.status, 409);
  assert.deepEqual(report('delete-in-use', response.data), inUse);
  return true;
});
