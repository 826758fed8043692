//! Users of a partner and their sub-users.

use insta::assert_json_snapshot;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Client, Database, Reply, World, anything, steady};

const TENANT: &str = "0d9f7c1e-52b4-4b7e-8c0a-3f5f0e8f7a11";

/// What an account is registered from; its phone number is its `number`.
fn account(email: &str, number: u64) -> Value {
    json!({
        "name": "张三", "email": email, "phone": number.to_string(),
        "password": "correct horse", "password_confirmation": "correct horse",
    })
}

/// A body with some of its fields replaced or added.
fn with(mut body: Value, fields: &Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// What is known of a sub-user beyond its registration.
fn profile() -> Value {
    json!({
        "alias": "小张", "birthday": "2022-07-13", "duty": "坐席", "wechat": "zhang_3", "qq": "10001",
        "landline_phone": "010-12345678", "sex": 1,
    })
}

/// Both places where accounts are registered and listed.
fn places(world: &World) -> [String; 2] {
    ["/users".to_owned(), world.path("/subset_users")]
}

fn total(client: &Client, path: &str) -> i64 {
    client.get(path).body["meta"]["total"].as_i64().unwrap()
}

#[rstest]
fn a_user_is_registered_and_listed(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let body = with(account("Zhang.San@Example.COM", 8_613_800_000_000), &json!({"tenant_id": TENANT}));
    let registered = world.client.post("/users", &body);
    assert_eq!(registered.message(), "注册成功");
    assert_json_snapshot!("user_registered", steady(&registered.body));
    let list = world.client.get(&format!("/users?tenant_id={TENANT}"));
    assert_eq!((list.message(), &list.data()[0]), ("返回用户列表成功", registered.data()));
    assert_json_snapshot!("users", steady(&list.body));
    let groups = format!("/agent-api/user/{}/dial-time-group", registered.data()["id"].as_str().unwrap());
    assert_eq!(world.client.get(&groups).data(), &json!([]), "it can be used at once");
}

#[rstest]
fn a_sub_user_is_registered_listed_and_shown_with_its_profile(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let path = world.path("/subset_users");
    let body = with(account("zhang@example.com", 13_900_000_000), &json!({"subset_data": profile()}));
    let registered = world.client.post(&path, &body);
    assert_eq!(registered.message(), "注册成功");
    assert_json_snapshot!("sub_user_registered", steady(&registered.body));
    for (field, value) in profile().as_object().unwrap() {
        assert_eq!(registered.data()[field], *value, "{field}");
    }
    let id = registered.data()["id"].as_str().unwrap();
    let list = world.client.get(&format!("{path}?page=1&id={id}"));
    assert_eq!((list.message(), &list.data()[0]), ("返回子账户列表成功", registered.data()));
    assert_json_snapshot!("sub_users", steady(&list.body));
    let detail = world.client.get(&format!("{path}/{id}/edit"));
    assert_eq!((detail.message(), detail.data()), ("查看子账户信息成功", registered.data()));
    assert_json_snapshot!("sub_user_detail", steady(&detail.body));
}

#[rstest]
fn a_sub_user_needs_no_profile_and_any_part_of_it_will_do(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let path = world.path("/subset_users");
    let mut number = 13_900_000_000;
    let mut save = |fields: &Value| {
        number += 1;
        let body = with(account(&format!("a{number}@example.com"), number), fields);
        world.client.post(&path, &body).data().clone()
    };
    let empty = json!({
        "alias": null, "birthday": null, "duty": null, "wechat": null, "qq": null, "landline_phone": null, "sex": 0,
    });
    for (sent, stored) in [
        (json!({}), json!({})),
        (json!({"subset_data": null}), json!({})),
        (json!({"subset_data": {}}), json!({})),
        (json!({"subset_data": {"sex": null, "unknown": 1}}), json!({})),
        (json!({"subset_data": {"sex": 2, "qq": ""}}), json!({"sex": 2, "qq": ""})),
        (json!({"subset_data": {"birthday": "1900-02-28"}}), json!({"birthday": "1900-02-28"})),
        (json!({"subset_data": {"alias": "周".repeat(64)}}), json!({"alias": "周".repeat(64)})),
    ] {
        let saved = save(&sent);
        for (field, value) in with(empty.clone(), &stored).as_object().unwrap() {
            assert_eq!(saved[field], *value, "{sent}: {field}");
        }
    }
}

/// What is wrong with a registration, and what is said of it.
fn faulty_registrations() -> Vec<(Value, (&'static str, &'static str))> {
    let extra = |name: &str, value: Value| json!({"subset_data": {name: value}});
    vec![
        (json!({"name": null}), ("name", "required")),
        (json!({"name": "  "}), ("name", "empty")),
        (json!({"name": "周".repeat(65)}), ("name", "too_long")),
        (json!({"name": "a\u{7}b"}), ("name", "control_character")),
        (json!({"name": 5}), ("name", "type")),
        (json!({"email": null}), ("email", "required")),
        (json!({"email": ""}), ("email", "empty")),
        (json!({"email": "zhang"}), ("email", "email")),
        (json!({"email": "a b@example.com"}), ("email", "email")),
        (json!({"email": "zhang@example"}), ("email", "email")),
        (json!({"email": "a\u{0}@example.com"}), ("email", "control_character")),
        (json!({"email": format!("{}@example.com", "a".repeat(243))}), ("email", "too_long")),
        (json!({"email": ["a@example.com"]}), ("email", "type")),
        (json!({"phone": null}), ("phone", "required")),
        (json!({"phone": ""}), ("phone", "empty")),
        (json!({"phone": "1234"}), ("phone", "phone")),
        (json!({"phone": "1".repeat(21)}), ("phone", "phone")),
        (json!({"phone": "1380000000x"}), ("phone", "phone")),
        (json!({"phone": "１３８００００００００"}), ("phone", "phone")),
        (json!({"phone": 13_800_000_000_i64}), ("phone", "type")),
        (json!({"tenant_id": "x"}), ("tenant_id", "uuid")),
        (extra("alias", json!("x".repeat(65))), ("subset_data.alias", "too_long")),
        (extra("duty", json!("x".repeat(65))), ("subset_data.duty", "too_long")),
        (extra("wechat", json!("x".repeat(65))), ("subset_data.wechat", "too_long")),
        (extra("qq", json!("x".repeat(65))), ("subset_data.qq", "too_long")),
        (extra("qq", json!(10001)), ("subset_data.qq", "type")),
        (extra("landline_phone", json!("x".repeat(65))), ("subset_data.landline_phone", "too_long")),
        (extra("sex", json!(3)), ("subset_data.sex", "out_of_range")),
        (extra("sex", json!(-1)), ("subset_data.sex", "out_of_range")),
        (extra("sex", json!("男")), ("subset_data.sex", "type")),
        (extra("birthday", json!("13.07.2022")), ("subset_data.birthday", "date_format")),
        (extra("birthday", json!("2022-02-30")), ("subset_data.birthday", "date_format")),
        (extra("birthday", json!("")), ("subset_data.birthday", "date_format")),
        (json!({"subset_data": "x"}), ("subset_data", "type")),
    ]
}

#[rstest]
fn a_faulty_registration_is_refused_naming_every_field_and_nothing_is_stored(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let good = account("good@example.com", 13_900_000_000);
    for path in places(&world) {
        let before = total(&world.client, &path);
        for (fields, fault) in faulty_registrations() {
            assert_eq!(world.client.post(&path, &with(good.clone(), &fields)).faults(), [fault], "{fields}");
        }
        let nothing = world.client.post(&path, &json!({}));
        let needed = ["name", "email", "phone", "password", "password_confirmation"];
        assert_eq!(nothing.faults(), needed.map(|field| (field, "required")));
        let bad = json!({"name": "", "email": "x", "phone": "x", "password": "x", "tenant_id": "x",
                         "subset_data": {"sex": 9, "birthday": "x"}});
        let all = [
            "tenant_id",
            "name",
            "email",
            "phone",
            "password",
            "password_confirmation",
            "subset_data.birthday",
            "subset_data.sex",
        ];
        assert_eq!(world.client.post(&path, &bad).faulty_fields(), all);
        assert_eq!(total(&world.client, &path), before, "nothing is stored");
    }
}

#[rstest]
fn a_password_has_8_to_128_characters_and_is_given_twice(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let mut number = 13_900_000_000;
    let mut save = |path: &str, password: &Value, confirmation: &Value| {
        number += 1;
        let passwords = json!({"password": password, "password_confirmation": confirmation});
        world.client.post(path, &with(account(&format!("a{number}@example.com"), number), &passwords))
    };
    let mut alike = |path: &str, text: &str| save(path, &json!(text), &json!(text));
    for path in places(&world) {
        for short in ["", "1234567", "密码密码密码密"] {
            let refused = alike(&path, short);
            assert_eq!(refused.faults(), [("password", "too_short")], "{short}");
            assert_eq!(refused.body["data"][0]["message"], "不能少于8个字符");
        }
        assert_eq!(alike(&path, &"x".repeat(129)).faults(), [("password", "too_long")]);
        for good in ["12345678", "密码密码密码密码", " \u{1F511} \u{0} okay", &"密".repeat(128)] {
            assert_eq!(alike(&path, good).status, 200, "{good}");
        }
    }
    for path in places(&world) {
        let differing = save(&path, &json!("correct horse"), &json!("Correct horse"));
        assert_eq!(differing.faults(), [("password_confirmation", "differs")]);
        assert_eq!(differing.body["data"][0]["message"], "必须与password一致");
        let once = save(&path, &json!("correct horse"), &Value::Null);
        assert_eq!(once.faults(), [("password_confirmation", "required")]);
        let confirmed_only = save(&path, &Value::Null, &json!("correct horse"));
        assert_eq!(confirmed_only.faults(), [("password", "required")]);
        let numbers = save(&path, &json!(12_345_678), &json!(12_345_678));
        assert_eq!(numbers.faults(), [("password", "type"), ("password_confirmation", "type")]);
        let list = save(&path, &json!("12345678"), &json!(["x"]));
        assert_eq!(list.faults(), [("password_confirmation", "type")]);
    }
}

#[rstest]
fn no_answer_and_no_kept_answer_holds_a_password_or_its_hash(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    const SECRET: u64 = 4_815_162_342_108;
    let world = World::new(database);
    let secret = SECRET.to_string();
    let clean = |reply: &Reply| {
        let text = &reply.text;
        for word in [secret.as_str(), "password\":", "argon2", "hash"] {
            assert!(!text.contains(word), "{text}");
        }
    };
    for (place, path) in (0..).zip(places(&world)) {
        let body = |password: Value| {
            let email = format!("secret{place}@example.com");
            with(
                account(&email, 13_900_000_000 + place),
                &json!({"password": password, "password_confirmation": password}),
            )
        };
        clean(&world.client.post(&path, &body(json!(SECRET))));
        clean(&world.client.post(&path, &body(json!([secret]))));
        clean(
            &world
                .client
                .post(&path, &with(body(json!(secret)), &json!({"password_confirmation": "other one"}))),
        );
        clean(&world.client.post(&path, &with(body(json!(secret)), &json!({"email": 5}))));
        for _ in 0..2 {
            let key = [("Idempotency-Key", path.as_str())];
            let registered = world.client.json("POST", &path, &key, &body(json!(secret)));
            assert_eq!(registered.status, 200);
            clean(&registered);
        }
        clean(&world.client.post(&path, &body(json!(secret))));
        clean(&world.client.get(&path));
    }
    let sub_user =
        world.client.get(&world.path("/subset_users")).column("id")[0].as_str().unwrap().to_owned();
    clean(&world.client.get(&world.path(&format!("/subset_users/{sub_user}/edit"))));
    let hashes = world.database.texts_in_order("SELECT password_hash FROM accounts");
    assert!(hashes.iter().all(|hash| hash.starts_with("$argon2id$") && !hash.contains(&secret)));
    let distinct: std::collections::BTreeSet<_> = hashes.iter().collect();
    assert_eq!((hashes.len(), distinct.len()), (4, 4), "every hash has a salt of its own");
}

#[rstest]
fn an_address_and_a_number_are_taken_once_among_all_accounts_of_a_partner(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let other_user = crate::support::register(&world.client, "/users");
    let other = format!("/agent-api/user/{other_user}/subset_users");
    let [users, sub_users] = places(&world);
    world.client.post(&users, &account("user@example.com", 13_900_000_001)).data();
    world.client.post(&sub_users, &account("sub-user@example.com", 13_900_000_002)).data();
    for path in [&users, &sub_users, &other] {
        let before = total(&world.client, path);
        for (email, number, field) in [
            ("user@example.com", 13_900_000_009, "email"),
            ("USER@Example.com", 13_900_000_009, "email"),
            ("sub-user@example.com", 13_900_000_009, "email"),
            ("free@example.com", 13_900_000_001, "phone"),
            ("free@example.com", 13_900_000_002, "phone"),
        ] {
            let refused = world.client.post(path, &account(email, number));
            let fault = json!([{"field": field, "rule": "taken", "message": "已被使用"}]);
            let expected = json!({"code": 422, "status": "error", "message": "参数校验失败", "data": fault});
            assert_eq!(refused.body, expected, "{email} {number}");
        }
        let spaced = with(account("free@example.com", 0), &json!({"phone": "139-0000 0001"}));
        assert_eq!(world.client.post(path, &spaced).faults(), [("phone", "taken")]);
        assert_eq!(total(&world.client, path), before, "nothing is stored");
    }
}

#[rstest]
fn another_partner_may_have_the_same_addresses_and_numbers(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (stranger, their_user) = world.stranger();
    let theirs = format!("/agent-api/user/{their_user}/subset_users");
    world.client.post("/users", &account("one@example.com", 13_900_000_001)).data();
    world.client.post(&world.path("/subset_users"), &account("two@example.com", 13_900_000_002)).data();
    stranger.post("/users", &account("two@example.com", 13_900_000_001)).data();
    stranger.post(&theirs, &account("one@example.com", 13_900_000_002)).data();
    assert_eq!((total(&stranger, "/users"), total(&world.client, "/users")), (2, 2));
}

#[rstest]
fn accounts_of_others_do_not_exist(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let client = &world.client;
    let edit = |user: &str, sub_user: &str| format!("/agent-api/user/{user}/subset_users/{sub_user}/edit");
    let other = crate::support::register(client, "/users");
    let others = crate::support::register(client, &format!("/agent-api/user/{other}/subset_users"));
    let (stranger, their_user) = world.stranger();
    let unknown = json!({"code": 404, "status": "error", "message": "资源不存在", "data": []});
    assert_eq!(client.get(&edit(&other, &others)).status, 200);
    for (user, sub_user) in [
        (&world.user, &others),
        (&other, &world.sub_user),
        (&world.user, &world.user),
        (&world.user, &other),
        (&world.sub_user, &world.sub_user),
        (&their_user, &world.sub_user),
        (&world.user, &anything().to_string()),
        (&anything().to_string(), &world.sub_user),
    ] {
        assert_eq!(client.get(&edit(user, sub_user)).body, unknown, "{user} {sub_user}");
    }
    assert_eq!(stranger.get(&edit(&world.user, &world.sub_user)).body, unknown);
    assert_eq!(stranger.get(&edit(&their_user, &world.sub_user)).body, unknown);
    assert_eq!(client.get(&edit(&world.user, "me")).faults(), [("sub_user_id", "uuid")]);
    assert_eq!(client.get(&edit("me", &world.sub_user)).faults(), [("user_id", "uuid")]);
    for user in [&world.sub_user, &their_user, &anything().to_string()] {
        let path = format!("/agent-api/user/{user}/subset_users");
        assert_eq!(client.get(&path).body, unknown);
        assert_eq!(client.post(&path, &account("new@example.com", 13_900_000_000)).body, unknown);
    }
    assert_eq!(client.get("/users").column("id"), [&other, &world.user].map(|id| json!(id)));
    assert_eq!(client.get(&world.path("/subset_users")).column("id"), [json!(world.sub_user)]);
    assert_eq!(stranger.get("/users").column("id"), [json!(their_user)]);
    assert_eq!(stranger.get(&format!("/users?id={}", world.user)).data(), &json!([]));
}

#[rstest]
fn accounts_are_listed_in_pages_newest_first(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    for (path, first) in places(&world).iter().zip([&world.user, &world.sub_user]) {
        let mut ids = vec![json!(first)];
        ids.extend((0..3).map(|_| json!(crate::support::register(&world.client, path))));
        ids.reverse();
        let list = |query: &str| world.client.get(&format!("{path}{query}"));
        let meta = |has_pages: bool, last_page: i64, current_page: i64, per_page: &str| {
            json!({
                "has_pages": has_pages, "total": 4, "last_page": last_page, "current_page": current_page,
                "per_page": per_page,
            })
        };
        for (query, page, expected) in [
            ("", &ids[..], meta(false, 1, 1, "15")),
            ("?per_page=3", &ids[..3], meta(true, 2, 1, "3")),
            ("?per_page=3&page=2", &ids[3..], meta(true, 2, 2, "3")),
            ("?per_page=3&page=3", &[], meta(true, 2, 3, "3")),
            ("?per_page=100&page=1", &ids[..], meta(false, 1, 1, "100")),
        ] {
            let answer = list(query);
            assert_eq!((answer.column("id").as_slice(), &answer.body["meta"]), (page, &expected), "{query}");
        }
        for (query, field) in [
            ("?per_page=101", "per_page"),
            ("?per_page=0", "per_page"),
            ("?page=0", "page"),
            ("?page=x", "page"),
        ] {
            assert_eq!(list(query).faults(), [(field, "out_of_range")], "{query}");
        }
    }
}

#[rstest]
fn a_list_is_narrowed_to_what_its_filters_ask_for(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    for (place, path) in (0..).zip(places(&world)) {
        let save = |name: &str, email: &str, phone: &str| {
            let body =
                json!({"name": name, "email": format!("{place}{email}"), "phone": format!("{phone}{place}")});
            world.client.post(&path, &with(account("", 0), &body)).data()["id"].as_str().unwrap().to_owned()
        };
        let zhang = save("张三 100%", "Zhang_San@Example.com", "+86 139-0000-111");
        save("李四", "lisi+1@example.com", "020-1234-56");
        let list = |query: &str| world.client.get(&format!("{path}?{query}"));
        for (query, names) in [
            ("name=%E5%BC%A0", &["张三 100%"][..]),
            ("name=%25", &["张三 100%"]),
            ("name=_", &[]),
            ("name=%E5%BC%A0&email=lisi", &[]),
            ("email=zhang_san", &["张三 100%"]),
            ("email=ZHANG_SAN", &["张三 100%"]),
            ("email=lisi%2B1%40", &["李四"]),
            ("email=_", &["张三 100%"]),
            ("phone=861390000111", &["张三 100%"]),
            ("phone=%2B86%20139-0000", &["张三 100%"]),
            ("phone=139-0000", &["张三 100%"]),
            ("phone=0201234", &["李四"]),
            ("name=%E6%9D%8E&email=lisi&phone=0201234", &["李四"]),
        ] {
            assert_eq!(list(query).column("name"), names, "{query}");
        }
        assert_eq!(list(&format!("id={zhang}")).column("name"), ["张三 100%"]);
        assert_eq!(list(&format!("id={zhang}&name=x")).data(), &json!([]));
        assert_eq!(list("name=&email=&phone=").body["meta"]["total"], 3);
        for (query, fault) in [
            ("id=me".to_owned(), ("id", "uuid")),
            ("id=&name=".to_owned(), ("id", "empty")),
            (format!("name={}", "x".repeat(255)), ("name", "too_long")),
            ("email=%00".to_owned(), ("email", "control_character")),
            ("phone=%0A".to_owned(), ("phone", "control_character")),
        ] {
            assert_eq!(list(&query).faults(), [fault], "{query}");
        }
    }
}

#[rstest]
fn users_are_listed_by_tenant(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let register = |number: u64, tenant: Value| {
        let body = account(&format!("a{number}@example.com"), number);
        world.client.post("/users", &with(body, &json!({"tenant_id": tenant})))
    };
    let save = |number: u64, tenant: Value| register(number, tenant).data().clone();
    let in_tenant = save(13_900_000_001, json!(TENANT.to_uppercase()));
    assert_eq!(in_tenant["tenant_id"], TENANT);
    assert_eq!(register(13_900_000_002, json!("")).faults(), [("tenant_id", "empty")]);
    assert_eq!(save(13_900_000_003, Value::Null)["tenant_id"], Value::Null);
    let list = |tenant: &str| world.client.get(&format!("/users?tenant_id={tenant}"));
    assert_eq!(list(TENANT).column("id"), [in_tenant["id"].clone()]);
    assert_eq!(list(&anything().to_string()).data(), &json!([]));
    assert_eq!(list(&world.partner).body["meta"]["total"], 3, "the partner's own id stands for its one node");
    assert_eq!(list("").faults(), [("tenant_id", "empty")]);
    assert_eq!(world.client.get("/users").body["meta"]["total"], 3);
    assert_eq!(list("x").faults(), [("tenant_id", "uuid")]);
}

#[rstest]
fn names_of_any_script_are_kept_as_given(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    for path in places(&world) {
        for (number, name) in
            ["Zoë O'Brien", " 张 三 ", "عبد الله", "\u{1F468}\u{200D}\u{1F469}", "e\u{301}", "<b>\"\\%_"]
                .iter()
                .enumerate()
        {
            let phone = 13_900_000_000 + u64::try_from(number + path.len() * 100).unwrap();
            let body = with(account(&format!("a{phone}@example.com"), phone), &json!({"name": name}));
            let saved = world.client.post(&path, &body).data().clone();
            assert_eq!(saved["name"], *name);
            let listed = world.client.get(&format!("{path}?id={}", saved["id"].as_str().unwrap()));
            assert_eq!(listed.column("name"), [*name]);
        }
    }
}

#[rstest]
fn an_address_of_any_script_is_kept_in_lower_case(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    for (number, (sent, kept)) in
        [("张三@例子.中国", "张三@例子.中国"), ("ÜBER@Example.DE", "über@example.de")].into_iter().enumerate()
    {
        let phone = 13_900_000_000 + u64::try_from(number).unwrap();
        assert_eq!(world.client.post("/users", &account(sent, phone)).data()["email"], kept);
        assert_eq!(world.client.post("/users", &account(kept, phone + 100)).faults(), [("email", "taken")]);
    }
}

#[test]
fn registrations_at_once_are_bounded_and_cheap_refusals_do_not_count() {
    let world = World::new(Database::Sqlite);
    let taken = account("taken@example.com", 13_700_000_000);
    world.client.post("/users", &taken).data();
    for _ in 0..150 {
        let again = world.client.post("/users", &taken);
        assert_eq!(again.faults(), [("email", "taken"), ("phone", "taken")], "nothing is hashed for it");
    }
    let register = |number: u64| {
        let client = world.client.clone();
        let body = account(&format!("many{number}@example.com"), 13_700_000_001 + number);
        std::thread::spawn(move || client.post("/users", &body))
    };
    let registering: Vec<_> = (0..200).map(register).collect();
    let answers: Vec<_> = registering.into_iter().map(|answer| answer.join().unwrap()).collect();
    let (done, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert!(
        !done.is_empty() && refused.iter().any(|answer| answer.status == 429),
        "{} were done",
        done.len()
    );
    for answer in refused {
        // 503: it waited for its turn for too long.
        assert!([429, 503].contains(&answer.status), "{}", answer.body);
        assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
    }
}
