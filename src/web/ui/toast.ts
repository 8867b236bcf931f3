const undoMillis = 8000;

/** Says what was done, with a way back where there is one. */
export function say(message: string, undo?: { readonly label: string; readonly onUndo: () => void }): void {
  void show(message, undo);
}

export function sayFailure(error: unknown): void {
  void showFailure(error instanceof Error ? error.message : String(error));
}

async function show(...[message, undo]: Parameters<typeof say>): Promise<void> {
  const { toast } = await import('sonner');
  if (undo === undefined) toast(message);
  else toast(message, { duration: undoMillis, action: { label: undo.label, onClick: undo.onUndo } });
}

async function showFailure(message: string): Promise<void> {
  const { toast } = await import('sonner');
  toast.error(message, { duration: undoMillis });
}
