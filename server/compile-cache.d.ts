export function keptCode(): string;
export function keepCompiledCode(): void;
export function writeCompiledCode(): void;
