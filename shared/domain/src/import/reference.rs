//! The page of columns and words, generated.

use std::fmt::Write;

use super::words::{CERTIFICATES, code, identity_name, kind_name, nature_name};
use super::{Column, Columns, column};
use crate::bureau_list::{ListColumn, also, result_words};
use crate::filing::{MaterialKind, Nature, ServiceKind};
use crate::identifiers::IdentityKind;
use crate::report_file::{ReportColumn, ReportKind, phone_words, state_words};

/// The columns of bases, of bureaus' lists and of files of reports, and the words of their cells, as Markdown.
pub fn reference() -> String {
    let mut page = String::from(
        "# Columns\n\nGenerated from `shared/domain/src/import`, `bureau_list` and `report_file`; a test holds both \
         together. A header is a column's name, its Chinese header, or what a `mapping` says; CSV is \
         UTF-8 or GB18030, divided by comma, semicolon or tab. Several values of a cell are divided by \
         blanks, `,`, `;`, `、` or `|`. A workbook of several filled sheets wants `mapping.sheet`.\n\n\
         ## A base\n\nWithout the columns that are needed no file is read. A row further needs addresses of \
         the certificate and for post, the principal's document, mobile and mail, and the service's \
         name; what is wrong with it is told row by row.\n\n| Column | Header | Needed |\n|---|---|---|\n",
    );
    for column in Column::ALL {
        let needed = if column::NEEDED.contains(column) {
            "yes"
        } else {
            ""
        };
        let (name, header) = (column.name(), column.chinese());
        let _ = writeln!(page, "| `{name}` | {header} | {needed} |");
    }
    words(
        &mut page,
        "nature",
        Nature::ALL.iter().map(|n| nature_name(*n)),
    );
    let kinds = CERTIFICATES
        .iter()
        .map(|(code, zh, _)| ((*code).to_owned(), (*zh).to_owned()));
    words(&mut page, "certificateKind", kinds);
    let identities = IdentityKind::ALL.iter().map(|kind| identity_name(*kind));
    words(&mut page, "principalIdentityKind", identities);
    let services = ServiceKind::ALL.iter().map(|kind| kind_name(*kind));
    words(&mut page, "serviceKind", services);
    page.push_str(
        "\n## A bureau's list\n\nAt least one of order, numbers, domains and unit; what bureaus commonly \
         write is known. The header is the one of the first ten rows that names most columns.\n\n\
         | Column | Headers |\n|---|---|\n",
    );
    for column in <ListColumn as Columns>::ALL {
        let mut headers = vec![column.chinese()];
        headers.extend(also(*column));
        let (name, headers) = (column.name(), headers.join("、"));
        let _ = writeln!(page, "| `{name}` | {headers} |");
    }
    let results = result_words().map(|(code, words)| (code.to_owned(), words.join("、")));
    words(&mut page, "result", results);
    reports(&mut page);
    page
}

/// The columns of files of reports, kind by kind.
fn reports(page: &mut String) {
    page.push_str(
        "\n## A file of reports\n\nA row names what it is about: a subject by its number or its \
         certificate's, a service by its number or a domain, a registrar by its name. A register that has \
         nothing under a number has no `registeredName`.\n\n| Column | Header | Needed in |\n|---|---|---|\n",
    );
    for column in ReportColumn::ALL {
        let needing = ReportKind::ALL.into_iter();
        let needing = needing.filter(|kind| kind.needed().contains(column));
        let needing: Vec<String> = needing.map(|kind| format!("`{}`", kind.name())).collect();
        let (name, header) = (column.name(), column.chinese());
        let _ = writeln!(page, "| `{name}` | {header} | {} |", needing.join(", "));
    }
    words(page, "state", state_words());
    words(page, "result", phone_words());
    let kinds = MaterialKind::ALL.iter();
    words(
        page,
        "materialKind",
        kinds.map(|kind| (code(kind), kind.text().zh)),
    );
}

fn words(page: &mut String, column: &str, words: impl Iterator<Item = (String, String)>) {
    let _ = write!(page, "\nWords of `{column}`: ");
    let words: Vec<String> = words.map(|(code, zh)| format!("`{code}` {zh}")).collect();
    let _ = writeln!(page, "{}.", words.join("; "));
}
