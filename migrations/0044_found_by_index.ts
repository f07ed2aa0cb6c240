/** What was found by reading a table whole: links by address, sign-ups by browser, invitations by account, user names that have no skeleton yet. */
export const up = `
create index one_time_link_by_address on one_time_link (lower(address));
create index sign_up_by_browser on sign_up (browser_hash);
create index invitation_by_account on invitation (account_id) where account_id is not null;

alter table login_name
  -- imported, or of before there were skeletons: the next start adds what it looks like
  add column skeleton_pending boolean not null default false;
update login_name set skeleton_pending = true
where kind = 'username' and not exists (select from username_skeleton s where s.account_id = login_name.account_id);
create index login_name_skeleton_pending on login_name (account_id) where skeleton_pending;
`;

export const down = `
drop index login_name_skeleton_pending;
alter table login_name drop column skeleton_pending;
drop index invitation_by_account, sign_up_by_browser, one_time_link_by_address;
`;
