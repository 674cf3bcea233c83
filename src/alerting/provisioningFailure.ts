/**
 * Why Grafana did not do it, as far as the next step differs:
 * - forbidden: the person may not
 * - missing: there is no such thing
 * - conflict: somebody else was faster, or something else uses it
 * - refused: Grafana does not take it
 * - unreachable: no answer
 */
export type ProvisioningFailureKind = 'forbidden' | 'missing' | 'conflict' | 'refused' | 'unreachable';

export class ProvisioningFailure extends Error {
  constructor(
    readonly kind: ProvisioningFailureKind,
    /** In Grafana's words. */
    message: string,
    readonly status?: number
  ) {
    super(message);
    this.name = 'ProvisioningFailure';
  }
}

/** From what Grafana's HTTP client throws: a plain object. */
export function provisioningFailureOf(error: unknown): ProvisioningFailure {
  if (error instanceof ProvisioningFailure) {
    return error;
  }
  const { status, data } = (error ?? {}) as { status?: number; data?: { message?: string; error?: string } };
  const said = messageIn(data?.message) || data?.error || (error instanceof Error ? error.message : undefined);
  return new ProvisioningFailure(kindOf(status), said ?? `Grafana answered with status ${status}`, status);
}

/** Of an answer that was read as text, the message is the whole of it. */
function messageIn(message: string | undefined): string | undefined {
  try {
    const { message: inner } = JSON.parse(message ?? '') as { message?: unknown };
    return typeof inner === 'string' ? inner : message;
  } catch {
    return message;
  }
}

function kindOf(status: number | undefined): ProvisioningFailureKind {
  switch (status) {
    case 401:
    case 403:
      return 'forbidden';
    case 404:
      return 'missing';
    case 409:
    case 412:
      return 'conflict';
    case undefined:
    case 0:
    case 502:
    case 503:
    case 504:
      return 'unreachable';
    default:
      return 'refused';
  }
}
