/**
 * What CHANGELOG.md says of a version, without its heading.
 * @throws Error when it says nothing
 */
export function changesOf(version: string, changelog: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  // "0.1.0", "0.1.0 (2026-11-25)" or "[0.1.0](…)".
  const section = sections.find((text) => /^\[?([^\]\s]+)/.exec(text)?.[1] === version);
  const changes = section?.slice(section.indexOf('\n')).trim();
  if (!changes) {
    throw new Error(`CHANGELOG.md says nothing of ${version}: write a section "## ${version}"`);
  }
  return changes;
}
