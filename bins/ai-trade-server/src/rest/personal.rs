//! What of a call is the user's own: it is filled in here, and asked for by nobody
//! else's name.

use axum::http::StatusCode;
use kis_protocol::catalogue::{Parameter, Personal, Tr};

use crate::{config::Account, problem::Problem};

/// Whether a call tells of the account, or of what its owner keeps at KIS.
pub(crate) fn is_private(tr: &Tr) -> bool {
    tr.parameters.iter().any(|it| it.personal.is_some())
}

/// Fills in what is the user's own. A caller may leave it out, or give what is
/// configured; anything else is refused, and none of it is repeated.
pub(super) fn fill(
    tr: &'static Tr,
    account: &Account,
    mut given: Vec<(String, String)>,
) -> Result<Vec<(String, String)>, Problem> {
    for parameter in &tr.parameters {
        let Some(personal) = parameter.personal else { continue };
        let own = account.of(personal);
        let is_named = |it: &&(String, String)| it.0.eq_ignore_ascii_case(parameter.name);
        let mut values = given.iter().filter(is_named).map(|it| it.1.as_str());
        if values.any(|it| !it.is_empty() && Some(it) != own) {
            return Err(not_yours(parameter));
        }
        given.retain(|it| !it.0.eq_ignore_ascii_case(parameter.name));
        match own {
            Some(own) => given.push((parameter.name.to_owned(), own.to_owned())),
            None if parameter.required => return Err(not_configured(parameter, personal)),
            None => {}
        }
    }
    Ok(given)
}

fn not_yours(parameter: &Parameter) -> Problem {
    let Parameter { name, label, .. } = parameter;
    let detail =
        format!("{name} ({label}) is the server's to fill in and no other is taken: leave it out");
    Problem::new(StatusCode::FORBIDDEN, detail).code("other_account").member("parameter", *name)
}

fn not_configured(parameter: &Parameter, personal: Personal) -> Problem {
    let setting = match personal {
        Personal::AccountNumber | Personal::AccountProduct => "ACC_NO",
        Personal::HtsId => "HTS_ID",
        _ => "that",
    };
    let Parameter { name, label, .. } = parameter;
    let detail = format!("this call needs {name} ({label}): set {setting} in the server's .env");
    Problem::new(StatusCode::CONFLICT, detail).code("not_configured").member("parameter", *name)
}

#[cfg(test)]
mod tests {
    use kis_protocol::catalogue;

    use super::*;
    use crate::config::Config;

    fn account(number: &str) -> Account {
        let variables = [("ACC_NO".to_owned(), number.to_owned())];
        Config::load(None, variables).unwrap().account().unwrap()
    }

    #[track_caller]
    fn check(number: &str, given: &[(&str, &str)], expected: Result<&str, u16>) {
        let tr = catalogue::find("domestic-stock/inquire-balance").unwrap();
        let given = given.iter().map(|it| (it.0.to_owned(), it.1.to_owned())).collect();
        let filled = fill(tr, &account(number), given).map(|it| {
            let pairs = it.iter().map(|it| format!("{}={}", it.0, it.1));
            pairs.collect::<Vec<_>>().join("&")
        });
        if let Err(problem) = &filled {
            let text = problem.document(None).to_string();
            assert!(!text.contains("12345678") && !text.contains("87654321"), "{text}");
        }
        let filled = filled.as_deref().map_err(|it| it.status().as_u16());
        assert_eq!(filled, expected);
    }

    #[test]
    fn only_the_configured_account() {
        let own = "12345678-22";
        check(own, &[], Ok("CANO=12345678&ACNT_PRDT_CD=22"));
        check(own, &[("cano", "12345678"), ("X", "")], Ok("X=&CANO=12345678&ACNT_PRDT_CD=22"));
        check(own, &[("CANO", "")], Ok("CANO=12345678&ACNT_PRDT_CD=22"));
        check(own, &[("CANO", "87654321")], Err(403));
        check(own, &[("CANO", "12345678"), ("cano", "87654321")], Err(403));
        check(own, &[("ACNT_PRDT_CD", "01")], Err(403));
        check("", &[], Err(409));
        check("", &[("CANO", "87654321")], Err(403));
    }

    #[test]
    fn no_password_is_taken() {
        let tr = catalogue::find("domestic-futureoption/inquire-ngt-balance").unwrap();
        let given = vec![("ACNT_PWD".to_owned(), "1234".to_owned())];
        assert_eq!(fill(tr, &account("12345678"), given).unwrap_err().status(), 403);
        assert!(fill(tr, &account("12345678"), Vec::new()).is_ok());
    }
}
