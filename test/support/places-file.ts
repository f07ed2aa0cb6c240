import { writeFileSync } from 'node:fs';

/** A place of a network, as databases of cities have it. */
export interface PlaceEntry {
  /** IPv4 in CIDR notation. */
  network: string;
  city?: string;
  country?: string;
}

type Value = string | number | bigint | Value[] | { [key: string]: Value };

interface Node {
  children: [Node | number | undefined, Node | number | undefined];
}

/** Writes a database in the format of MaxMind (https://maxmind.github.io/MaxMind-DB/), version 2.0, records of 24 bits. */
export function writePlacesFile(file: string, entries: readonly PlaceEntry[]): void {
  const root: Node = { children: [undefined, undefined] };
  const data: Buffer[] = [];
  let size = 0;
  for (const { network, city, country } of entries) {
    const entry = encode({
      ...(city === undefined ? {} : { city: { names: { en: city } } }),
      ...(country === undefined ? {} : { country: { names: { en: country } } }),
    });
    insert(root, network, size);
    data.push(entry);
    size += entry.length;
  }
  const nodes = numbered(root);
  const tree = Buffer.concat(nodes.map(({ children }) => Buffer.concat(children.map(record))));
  function record(child: Node | number | undefined): Buffer {
    const found = typeof child === 'object' ? nodes.indexOf(child) : undefined;
    // Nothing, a node, or where in the data it is, behind the sixteen bytes between tree and data.
    const value = found ?? (typeof child === 'number' ? nodes.length + 16 + child : nodes.length);
    return Buffer.from([value >> 16, (value >> 8) & 0xff, value & 0xff]);
  }
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000n,
    database_type: 'Test-City',
    description: { en: 'Places of tests' },
    ip_version: 4,
    languages: ['en'],
    node_count: nodes.length,
    record_size: 24,
  });
  const marker = Buffer.concat([Buffer.from([0xab, 0xcd, 0xef]), Buffer.from('MaxMind.com')]);
  writeFileSync(file, Buffer.concat([tree, Buffer.alloc(16), ...data, marker, metadata]));
}

function insert(root: Node, network: string, offset: number): void {
  const [address = '', length = '32'] = network.split('/');
  const bits = address
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('')
    .slice(0, Number(length));
  let node = root;
  for (const [index, bit] of Array.from(bits).entries()) {
    const side = bit === '1' ? 1 : 0;
    if (index === bits.length - 1) {
      node.children[side] = offset;
      return;
    }
    const next = node.children[side];
    if (typeof next === 'number') throw new Error(`${network} is in a network that was given before`);
    node = node.children[side] = next ?? { children: [undefined, undefined] };
  }
}

function numbered(root: Node): Node[] {
  const nodes = [root];
  for (const { children } of nodes)
    for (const child of children) if (typeof child === 'object') nodes.push(child);
  return nodes;
}

function encode(value: Value): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8');
    return Buffer.concat([control(2, text.length), text]);
  }
  if (typeof value === 'number') return unsigned(6, BigInt(value));
  if (typeof value === 'bigint') return unsigned(9, value);
  if (Array.isArray(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)]);
  const members = Object.entries(value);
  return Buffer.concat([
    control(7, members.length),
    ...members.flatMap(([key, inner]) => [encode(key), encode(inner)]),
  ]);
}

/** Big-endian, in as few bytes as it takes. */
function unsigned(type: number, value: bigint): Buffer {
  const digits = value === 0n ? '' : value.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  return Buffer.concat([control(type, bytes.length), bytes]);
}

/** Types from 8 on have a byte of their own, sizes from 29 on, too. */
function control(type: number, size: number): Buffer {
  const shown = Math.min(size, 29);
  return Buffer.from([
    ...(type < 8 ? [(type << 5) | shown] : [shown, type - 7]),
    ...(size < 29 ? [] : [size - 29]),
  ]);
}
