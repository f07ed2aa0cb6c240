/** A scope of a resource server, as roles confer it. */
export interface Permission {
  /** The audience of the resource server. */
  resource: string;
  scope: string;
}

/** A set of permissions with a name, given to people and clients. It has those of the roles that it contains, too. */
export interface Role {
  name: string;
  description: string;
  /** Its own, ordered by resource and scope. Those of a built-in role are not stored. */
  permissions: readonly Permission[];
  /** Names of the roles that it contains itself, ordered. */
  roles: readonly string[];
  /** Made by the server for itself: cannot be changed or deleted. */
  builtIn: boolean;
  createdAt: Date;
  updatedAt: Date;
  /** Grows with every change; the ETag. */
  version: number;
}

/** A role as somebody has it. */
export interface HeldRole {
  name: string;
  /** From then on it is not theirs any more; null: it has no end. */
  expiresAt: Date | null;
}
