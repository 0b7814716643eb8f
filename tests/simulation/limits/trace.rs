//! A run, step by step, with what was answered: `tests/lib/schedules.mjs` tells the same to every store, which has to answer
//! the same. What was judged here is then judged for all of them.

use std::fmt::Write as _;

use fal_wasm::limits::{Asked, Correction, Job, Limit, Once, Outcome, Settled, Verdict, Wish};

/// The answer that is kept for each idempotency key.
pub const ANSWER: &str = r#"{"status":200,"contentType":"image/png","body":"AP/+"}"#;

/// Steps as JSON, one in a line.
#[derive(Debug, Default)]
pub struct Trace(Option<String>);

impl Trace {
    pub fn wanted() -> Self {
        Self(Some(String::new()))
    }

    pub fn lines(self) -> String {
        self.0.unwrap_or_default()
    }

    fn line(&mut self, account: &str, now: u64, step: &str, says: &str) {
        if let Some(lines) = &mut self.0 {
            writeln!(lines, r#"{{"account":"{account}","now":{now},{step},"says":{says}}}"#).unwrap();
        }
    }

    pub fn reserve(&mut self, account: &str, now: u64, key: Option<u64>, wish: &Wish<'_>, at: u64, says: &Verdict) {
        if self.0.is_none() {
            return;
        }
        let Wish { ticket, lease, requests, jobs, spending, once, asked, counted_only, alarm } = wish;
        let mut json = format!(r#""wish":{{"ticket":"{ticket}","leaseMs":{lease}"#);
        if let Some(rate) = requests {
            write!(json, r#","requests":{{"max":{},"windowMs":{}}}"#, rate.max, rate.window).unwrap();
        }
        if let Some(max) = jobs {
            write!(json, r#","jobs":{{"max":{max}}}"#).unwrap();
        }
        if let Some((cost, unit, budget)) = spending {
            let (max, window) = (budget.max, budget.window);
            write!(json, r#","spending":{{"cost":{cost},"unit":{unit},"max":{max},"windowMs":{window}}}"#).unwrap();
        }
        if let Some(((digest, keep), key)) = once.zip(key) {
            write!(json, r#","once":{{"key":"{key}","digest":"{digest}","keepMs":{keep}}}"#).unwrap();
        }
        if let Some(budget) = alarm {
            write!(json, r#","alarm":{{"max":{},"windowMs":{}}}"#, budget.max, budget.window).unwrap();
        }
        let Asked { jobs, spending } = asked;
        let asked: Vec<_> =
            [(jobs, r#""jobs""#), (spending, r#""spending""#)].into_iter().filter(|(is, _)| **is).collect();
        let asked: Vec<_> = asked.into_iter().map(|(_, name)| name).collect();
        write!(json, r#","asked":[{}],"countedOnly":{counted_only}}}"#, asked.join(",")).unwrap();
        self.line(account, now, &json, &verdict(says, at));
    }

    pub fn settle(&mut self, now: u64, what: Settling<'_>, says: &Settled) {
        if self.0.is_none() {
            return;
        }
        let (outcome, units) = match what.outcome {
            Outcome::Charged { units } => ("charged", units),
            Outcome::Free => ("free", None),
            Outcome::Began => ("began", None),
            Outcome::Released => ("released", None),
            Outcome::Cancelled => ("cancelled", None),
            Outcome::Lost => ("lost", None),
            Outcome::Unchanged => return,
        };
        let mut json = format!(r#""settlement":{{"outcome":"{outcome}","{}":"{}""#, what.by, what.name);
        if let Some(units) = units {
            write!(json, r#","units":{units}"#).unwrap();
        }
        if let Some(Job { app, id }) = what.became {
            write!(json, r#","became":{{"app":"{app}","id":"{id}"}}"#).unwrap();
        }
        if let Some(at) = what.total {
            write!(json, r#","total":{at}"#).unwrap();
        }
        if let Some(key) = what.key {
            write!(json, r#","once":"{key}""#).unwrap();
            if what.answered {
                write!(json, r#","answer":{ANSWER}"#).unwrap();
            }
        }
        json.push('}');
        let Settled { found, reserved, cost, total, .. } = says;
        let mut said = String::from("{");
        if *found {
            write!(said, r#""reserved":{reserved},"cost":{cost}"#).unwrap();
            if let Some(at) = total {
                write!(said, r#","total":{at}"#).unwrap();
            }
        }
        said.push('}');
        self.line("ann", now, &json, &said);
    }

    pub fn correct(&mut self, now: u64, Correction { at, reserved, cost }: Correction) {
        let json = format!(r#""correction":{{"at":{at},"reserved":{reserved},"cost":{cost}}}"#);
        self.line("", now, &json, "null");
    }
}

/// What a settlement says.
pub struct Settling<'a> {
    /// `"ticket"` or `"job"`, and its name.
    pub by: &'a str,
    pub name: &'a str,
    pub outcome: Outcome,
    pub became: Option<&'a Job>,
    pub total: Option<u64>,
    pub key: Option<u64>,
    pub answered: bool,
}

fn name_of(limit: Limit) -> &'static str {
    match limit {
        Limit::Requests => "requests",
        Limit::Jobs => "jobs",
        Limit::Spending => "spending",
        Limit::Stopped => "stopped",
    }
}

fn verdict(verdict: &Verdict, at: u64) -> String {
    match verdict {
        Verdict::Ok => format!(r#"{{"kind":"ok","at":{at}}}"#),
        Verdict::Refused { limit, retry_after } => {
            let limit = name_of(*limit);
            let wait = retry_after.map_or(String::new(), |wait| format!(r#","retryAfterMs":{wait}"#));
            format!(r#"{{"kind":"refused","limit":"{limit}"{wait}}}"#)
        }
        Verdict::Question { about, jobs } => {
            let jobs: Vec<_> = jobs.iter().map(|Job { app, id }| format!(r#"{{"app":"{app}","id":"{id}"}}"#)).collect();
            format!(r#"{{"kind":"question","about":"{}","jobs":[{}]}}"#, name_of(*about), jobs.join(","))
        }
        Verdict::Known(Once::Replay) => format!(r#"{{"kind":"replay","answer":{ANSWER}}}"#),
        Verdict::Known(Once::Reused) => r#"{"kind":"reused"}"#.into(),
        Verdict::Known(_) => r#"{"kind":"pending"}"#.into(),
        Verdict::Alarm => r#"{"kind":"alarm"}"#.into(),
    }
}
