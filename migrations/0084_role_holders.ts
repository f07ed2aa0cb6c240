/** Pages of who has a role. */
export const up = `
create index account_role_page on account_role (role_name, account_id);
drop index account_role_by_role;
create index client_role_page on client_role (role_name, client_id);
drop index client_role_by_role;
`;

export const down = `
create index account_role_by_role on account_role (role_name);
drop index account_role_page;
create index client_role_by_role on client_role (role_name);
drop index client_role_page;
`;
