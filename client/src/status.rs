//! What the queue says about a request.

use fal_wasm::protocol::QueueState;

use crate::json::Doc;

/// Where a request is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct QueueStatus {
    /// Waiting, running, or over: there is no failed state, [`error`](Self::error) says so.
    pub state: QueueState,
    /// How many requests are before it, while it waits.
    pub queue_position: Option<u64>,
    /// Log lines, when they were asked for: of an update those that are new, of a status that was asked for all of them.
    pub logs: Vec<LogLine>,
    /// How long the model ran, in seconds.
    pub inference_time: Option<f64>,
    /// Why it failed, when it did and the queue knows.
    pub error: Option<String>,
    /// What fal calls that.
    pub error_type: Option<String>,
}

/// One line of a model's log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogLine {
    /// What it says.
    pub message: String,
    /// `INFO`, `ERROR`, …
    pub level: String,
    /// When, as fal writes it.
    pub timestamp: String,
}

impl QueueStatus {
    /// Reads a status; none when it is not one.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let doc = Doc::parse(text)?;
        let string = |doc: &Doc, name: &str| doc.get(name).and_then(|value| value.string());
        let word = string(&doc, "status")?;
        let states = [QueueState::InQueue, QueueState::InProgress, QueueState::Completed];
        let mut logs = Vec::new();
        for line in doc.get("logs").map(|lines| lines.list()).unwrap_or_default() {
            let text = |name: &str| string(&line, name).unwrap_or_default();
            logs.push(LogLine { message: text("message"), level: text("level"), timestamp: text("timestamp") });
        }
        Some(Self {
            state: states.into_iter().find(|state| state.as_str() == word)?,
            queue_position: doc.get("queue_position").and_then(|value| value.number()).map(|number| number as u64),
            logs,
            inference_time: doc.get("metrics").and_then(|metrics| metrics.get("inference_time")?.number()),
            error: string(&doc, "error"),
            error_type: string(&doc, "error_type"),
        })
    }
}

/// Collects log lines: a status that was asked for has all of them, one that comes through a stream only what is new.
#[derive(Default)]
pub struct Logs(Vec<LogLine>);

impl Logs {
    /// Leaves a status with the lines that are new.
    pub fn update(&mut self, status: &mut QueueStatus) {
        let is_whole = status.logs.len() >= self.0.len()
            && self.0.first().is_none_or(|first| {
                status
                    .logs
                    .first()
                    .is_some_and(|line| (&line.timestamp, &line.message) == (&first.timestamp, &first.message))
            });
        if is_whole {
            status.logs = status.logs.split_off(self.0.len());
        }
        self.0.extend_from_slice(&status.logs);
    }

    /// Gives a status all of them.
    pub fn whole(&mut self, status: &mut QueueStatus) {
        status.logs = std::mem::take(&mut self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(lines: &[&str]) -> QueueStatus {
        let line = |message: &&str| format!(r#"{{"message":"{message}","timestamp":"t{message}","level":"INFO"}}"#);
        let lines: Vec<_> = lines.iter().map(line).collect();
        QueueStatus::read(&format!(r#"{{"status":"IN_PROGRESS","logs":[{}]}}"#, lines.join(","))).unwrap()
    }

    #[test]
    fn lines_come_once_however_they_are_told() {
        let mut logs = Logs::default();
        let mut new = |lines| {
            let mut status = status(lines);
            logs.update(&mut status);
            status.logs.into_iter().map(|line| line.message).collect::<Vec<_>>()
        };
        assert_eq!(new(&["a"]), ["a"]);
        assert_eq!(new(&["a", "b"]), ["b"], "all of them, from a status that was asked for");
        assert_eq!(new(&["c"]), ["c"], "what is new, from a stream");
        assert_eq!(new(&["a", "b", "c"]), [""; 0]);
        let mut last = status(&[]);
        logs.whole(&mut last);
        assert_eq!(last.logs.len(), 3);
    }

    #[test]
    fn a_status_is_read_however_little_it_says() {
        assert_eq!(status(&[]).state, QueueState::InProgress);
        let read = |text| QueueStatus::read(text);
        let waits = read(r#"{"status":"IN_QUEUE","queue_position":3,"logs":null}"#).unwrap();
        assert_eq!((waits.queue_position, waits.logs.len()), (Some(3), 0));
        let over =
            read(r#"{"status":"COMPLETED","error":"no","error_type":"x","metrics":{"inference_time":1.5}}"#).unwrap();
        assert_eq!((over.error.as_deref(), over.inference_time), (Some("no"), Some(1.5)));
        assert!(read(r#"{"status":"LOST"}"#).is_none() && read("").is_none());
    }
}
