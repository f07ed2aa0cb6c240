/** A password that an operator has set works until then, and only to choose another one. */
export const up = `
alter table password_credential add column temporary_until timestamptz;
`;

export const down = `
alter table password_credential drop column temporary_until;
`;
