/** People in the order of their addresses and user names, and clients in that of their names, page by page. */
export const up = `
create index login_name_page on login_name (kind, name) include (account_id);
create index client_by_name_page on client (search_name, id);
drop index client_by_search_name;
`;

export const down = `
create index client_by_search_name on client (search_name);
drop index client_by_name_page;
drop index login_name_page;
`;
