/** In which session somebody acted, and in whose place. */
export const up = `
alter table audit_event add column session_id text, add column on_behalf_of text;
`;

/** Loses what the two columns say. */
export const down = `
alter table audit_event drop column session_id, drop column on_behalf_of;
`;
