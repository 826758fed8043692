//! Numbers: the callees of tasks. A task has one list, made with its first numbers; a list may hold millions.
//!
//! Numbers are added, deleted and reset under the lock of their list ([`LockedList`]), and the counts of the list follow in the
//! same transaction: nothing is ever counted for a page. A list whose task was deleted is removed step by step ([`remove_some`]).

mod add;
mod change;
mod counts;
mod erase;
mod imports;
mod list;
mod page;
mod removal;
mod resets;
mod row;

pub use self::{
    add::{Added, Duplicates, add},
    change::{Changed, LockedNumbers, count_selected, delete, lock_named, lock_selected, reset, texts},
    counts::{NumberCounts, counts, totals},
    imports::{
        ImportStep, NewImport, NumberImport, RunningImport, begin_import, cancel_import, delete_old_imports,
        end_import, get_import, import_some, imports_of_folder, is_file_kept, is_import_running, is_running,
        list_imports, note_shape, refused_rows, restart_import, running_imports, touch_imports,
    },
    list::LockedList,
    page::{NumberListFilter, get, page},
    removal::{NumberRemoval, is_any_deleted, list_removals, remove_some},
    resets::{NumberReset, begin_reset, get_reset, is_any_reset_running, list_resets, reset_some},
};
pub(crate) use self::{
    counts::{CountChanges, of_list as counts_of_list},
    erase::{NumberErased, RefusedPlace, erase, erase_refused, forget_files, lists_holding, refused_with},
    imports::leave_out,
    list::{id_of as list_of, lock_list, mark_all_deleted, mark_deleted},
    row::{NUMBERS, NumberRow, numbers_with_details, stored_status},
};
