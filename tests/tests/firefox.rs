//! A profile for Firefox has the tables that the crate of the profiler's own developers writes, and nothing else.

use fxprof_processed_profile::{
    CategoryHandle, CpuDelta, Frame, FrameFlags, FrameInfo, Profile, ReferenceTimestamp, SamplingInterval, Timestamp,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::SystemTime;

/// What a run of `vegavm` wrote, which the corpus keeps true.
const OURS: &str = include_str!("../cli/watch/profile-for-firefox.stdout");

fn theirs() -> Value {
    let interval = SamplingInterval::from_millis(1);
    let mut profile = Profile::new("sums", ReferenceTimestamp::from(SystemTime::UNIX_EPOCH), interval);
    let begin = Timestamp::from_millis_since_reference(0.0);
    let process = profile.add_process("sums", 1, begin);
    let thread = profile.add_thread(process, 1, begin, true);
    let name = Frame::Label(profile.intern_string("main()V"));
    let frame = FrameInfo { frame: name, category_pair: CategoryHandle::OTHER.into(), flags: FrameFlags::empty() };
    let stack = profile.intern_stack_frames(thread, [frame].into_iter());
    profile.add_sample(thread, begin, stack, CpuDelta::ZERO, 5);
    profile.set_symbolicated(true);
    serde_json::to_value(&profile).expect("it is a document")
}

/// Every field by its path, with the type of its value; of lists, those of the first element.
fn fields(value: &Value, path: &str, found: &mut BTreeMap<String, &'static str>) {
    let type_ = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "table",
    };
    found.insert(path.to_owned(), type_);
    match value {
        Value::Object(table) => table.iter().for_each(|(name, value)| fields(value, &format!("{path}.{name}"), found)),
        Value::Array(list) => list.iter().take(1).for_each(|value| fields(value, &format!("{path}[]"), found)),
        _ => {}
    }
}

#[test]
fn a_profile_has_the_tables_of_the_profilers_developers() {
    // The sum that the program prints stands before the profile.
    let begins = OURS.find('{').expect("a document");
    let ours: Value = serde_json::from_str(&OURS[begins..]).expect("it is JSON");
    let [mut mine, mut wanted] = [BTreeMap::new(), BTreeMap::new()];
    fields(&ours, "", &mut mine);
    fields(&theirs(), "", &mut wanted);
    for version in ["version", "preprocessedProfileVersion"] {
        assert_eq!(ours["meta"][version], theirs()["meta"][version], "{version}");
    }
    // Steps are no time of a processor. Lines and sources are what theirs has no words for.
    wanted.retain(|path, _| !path.contains("threadCPUDelta[]") && path != ".threads[].samples.threadCPUDelta");
    for known in ["line", "fileName", "lineNumber"] {
        [&mut mine, &mut wanted]
            .into_iter()
            .for_each(|fields| fields.retain(|path, _| !path.ends_with(&format!(".{known}[]"))));
    }
    assert_eq!(mine, wanted);
    for (name, table) in ours["threads"][0].as_object().expect("a thread") {
        let Some(length) = table.get("length").and_then(Value::as_u64) else { continue };
        let columns = table
            .as_object()
            .expect("a table")
            .iter()
            .filter_map(|(column, values)| Some((column, values.as_array()?)));
        for (column, values) in columns {
            assert_eq!(values.len() as u64, length, "{name}.{column}");
        }
    }
}
