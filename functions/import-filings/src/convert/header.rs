//! Which of the first rows of a file is its header.

use icp_domain::Text;
use icp_domain::import::{Columns, Mapping, MappingFault};

/// Takes a row for the header, if it names more columns than the best so far.
pub(super) fn consider<C: Columns, T>(
    best: &mut Option<(Vec<Option<C>>, T)>,
    why: &mut Option<Text>,
    mapping: &Mapping<C>,
    names: &[String],
    about: T,
) {
    let count = |columns: &[Option<C>]| columns.iter().flatten().count();
    match mapping.headers(names) {
        Ok(columns) => {
            let is_better = best
                .as_ref()
                .is_none_or(|(best, _)| count(best) < count(&columns));
            if is_better {
                *best = Some((columns, about));
            }
        }
        Err(fault) => {
            why.get_or_insert_with(|| of_fault(&fault));
        }
    }
}

fn of_fault(fault: &MappingFault) -> Text {
    let zh = match fault {
        MappingFault::Missing(columns) => format!("文件缺少列：{columns}"),
        MappingFault::Absent(headers) => format!("文件缺少映射所列的列名：{headers}"),
        MappingFault::Twice(column) => format!("文件中{column}列重复"),
    };
    Text::new(zh, fault.to_string())
}
