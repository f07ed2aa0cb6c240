export function nodeFault(version: string, hasPackaged: boolean): string | undefined;
export function refuseUnfitNode(): void;
