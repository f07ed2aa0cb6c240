/** Leaves a role, by which the server works, nothing but to read the audit log and to append to it. Called by the owner, once. */
export const up = `
create function restrict_audit(restricted text) returns void language plpgsql set search_path from current as $$
declare
  part text;
begin
  foreach part in array array['audit_event', 'audit_chain', 'audit_checkpoint', 'audit_cut'] loop
    execute format('revoke all on %I from %I', part, restricted);
    execute format('grant select, insert on %I to %I', part, restricted);
  end loop;
  -- The way to a partition is its table.
  for part in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent in ('audit_event'::regclass, 'audit_chain'::regclass)
  loop
    execute format('revoke all on %I from %I', part, restricted);
  end loop;
  execute format('grant execute on function erase_audit_personal(text), make_audit_months(integer),
    drop_audit_months(timestamptz) to %I', restricted);
end
$$;
revoke execute on function restrict_audit(text) from public;
`;

export const down = `
drop function restrict_audit(text);
`;
