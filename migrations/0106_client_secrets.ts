/** What operators call the secrets of a client: with several live ones, which is whose. */
export const up = `
alter table client_secret add column description text;
`;

export const down = `
alter table client_secret drop column description;
`;
