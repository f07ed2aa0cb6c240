/** A column whose values are sealed with the keys of this server: they travel open inside the encrypted file. */
export interface SealedColumn {
  column: string;
  /** For what a value is sealed, as who reads it says it; `of` gives the texts of the row's columns. */
  context(of: (column: string) => string): string;
}

export interface PortableTable {
  name: string;
  sealed?: readonly SealedColumn[];
}

/**
 * Every table that goes with people and clients to another server, in an order in which each row comes after those that it
 * refers to. A table joins by being added here; rows that the server has made for itself (`built_in`) and what belongs to them
 * stay behind.
 */
export const portableTables: readonly PortableTable[] = [
  { name: 'role' },
  { name: 'role_permission' },
  { name: 'role_inclusion' },
  { name: 'user_attribute' },
  { name: 'account' },
  { name: 'login_name' },
  { name: 'username_skeleton' },
  { name: 'account_role' },
  { name: 'notification_address' },
  { name: 'terms_acceptance' },
  { name: 'account_picture' },
  { name: 'account_deletion' },
  { name: 'password_credential' },
  { name: 'client' },
  { name: 'client_secret' },
  { name: 'client_role' },
  { name: 'resource_server' },
  { name: 'resource_server_scope' },
  { name: 'resource_server_client' },
  { name: 'consent' },
];

/** Every other table, and why it stays: one that is in neither list fails a test, so that none is forgotten. */
export const tablesThatStay: Readonly<Record<string, string>> = {
  admin_link: 'a link of this server',
  audit_chain: 'the order of what happened on this server',
  audit_checkpoint: 'of the chain of this server',
  audit_cut: 'of the chain of this server',
  audit_event: 'what happened on this server; a backup has it',
  audit_known_start: 'what this server was started with',
  audit_sink: 'how far those have come who get the audit log of this server',
  audit_head: 'the other server has a chain of its own',
  audit_queue: 'of the chain of this server',
  bulk_job: 'what operators had done on this server',
  bulk_row: 'as above',
  brought_password_key: 'goes as a key in the description of the file',
  client_error: 'requests to this server that were refused',
  change_mark: 'for the processes of this server',
  failed_sign_in: 'counts of this server',
  invitation: 'links of this server, which are sent anew from the other',
  kept_answer: 'answers of this server, for a day',
  known_device: 'cookies of this server',
  lease: 'for the processes of this server',
  runtime_setting: 'how this server is set; the other one has settings of its own',
  mail_allowance: 'counts of this server',
  mailbox_message: 'mail that was sent',
  oidc_artifact: 'tokens and sessions of this issuer',
  one_time_link: 'links of this server',
  outbox_message: 'mail that this server owes',
  revoked_token: 'tokens of this issuer',
  schema_migration: 'the schema is made by the other server',
  session_detail: 'sessions of this issuer',
  short_lived_artifact: 'tokens of this issuer',
  sign_in_alarm: 'what operators of this server were told',
  sign_in_counter: 'counts of this server',
  sign_up: 'whoever has not confirmed their address yet begins again',
  signing_key: 'another issuer signs with keys of its own',
  support_session: 'sessions of this server',
  used_identifier: 'of requests to this issuer',
  user_import: 'how far imports on this server are',
};
