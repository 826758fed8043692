// Groups of an account as they are now, by their ids: those that were ticked may have been changed, or be gone.

/** How many come at once. */
const AT_ONCE = 100;

/** @param {AccountApi} api @param {number[]} ids @returns {Promise<Map<number, Group>>} those that there are */
export async function groupsNow(api, ids, options) {
  const wanted = new Set(ids);
  const found = new Map();
  for (let page = 1; wanted.size > 0; page++) {
    const { data, meta } = await api.groups({ page, per_page: AT_ONCE }, options);
    for (const group of data.filter(({ id }) => wanted.delete(id))) found.set(group.id, group);
    if (page >= meta.last_page) break;
  }
  return found;
}
