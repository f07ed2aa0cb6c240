import { foldLoginName } from '../account.ts';

/** Who may make an account: nobody, who was invited, who has an address of certain domains, anybody. */
export const signUpModes = ['closed', 'invitation', 'domains', 'open'] as const;

export type SignUpMode = (typeof signUpModes)[number];

export interface SignUpPolicy {
  mode: SignUpMode;
  /** For the mode `domains`, in their compared form. */
  domains: readonly string[];
}

/** What a client has of its own; the server's holds where it has nothing. */
export interface ClientSignUpPolicy {
  mode?: SignUpMode | undefined;
  domains?: readonly string[] | undefined;
}

/**
 * What holds for one client. A server that is closed is closed for every client; otherwise the client's own policy stands in
 * place of the server's.
 */
export function policyFor(server: SignUpPolicy, client: ClientSignUpPolicy): SignUpPolicy {
  if (server.mode === 'closed') return server;
  return {
    mode: client.mode ?? server.mode,
    domains: client.domains?.map(foldDomain) ?? server.domains,
  };
}

/** Whether somebody may sign up without having been invited. */
export const admitsStrangers = ({ mode }: SignUpPolicy): boolean => mode === 'open' || mode === 'domains';

/** Whether this address may; a domain stands for itself alone, not for those below it. */
export function admitsAddress({ mode, domains }: SignUpPolicy, email: string): boolean {
  if (mode === 'open') return true;
  const folded = foldLoginName(email);
  return mode === 'domains' && domains.includes(folded.slice(folded.lastIndexOf('@') + 1));
}

/** A domain as the domains of addresses are compared. */
export const foldDomain = (domain: string): string => foldLoginName(`x@${domain}`).slice(2);
