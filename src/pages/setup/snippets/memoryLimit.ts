/** A soft limit that client_golang exports; an example, as nobody but the reader knows what the program may use. */
const EXAMPLE_LIMIT = '450MiB';

export function gomemlimitForSystemd(): string {
  return `[Service]
Environment=GOMEMLIMIT=${EXAMPLE_LIMIT}
`;
}

export function gomemlimitForContainers(): string {
  return `env:
  - name: GOMEMLIMIT
    value: ${EXAMPLE_LIMIT} # 90 % of a limit of 500Mi
`;
}

export function gomemlimitForShells(): string {
  return `GOMEMLIMIT=${EXAMPLE_LIMIT} ./program
`;
}

/** The limit itself, of a container in Kubernetes. */
export function containerLimit(): string {
  return `resources:
  limits:
    memory: 500Mi
`;
}
