import { packageOf, shortNames } from '../../../calltree/functionName';
import { printable } from '../../../calltree/printable';

/** A function's name in the parts that look different. */
export interface NameParts {
  /** With its dot; `''` where the name is without. */
  package: string;
  name: string;
}

/**
 * The longest of a function's names that fits into so many characters. Where none does, the end of the shortest: names
 * that differ, differ there.
 */
export function fittingName(functionName: string, characters: number): NameParts {
  const name = printable(functionName);
  const candidates = shortNames(name);
  const fitting = candidates.find((candidate) => candidate.length <= characters);
  if (fitting === undefined) {
    const letters = Array.from(candidates[candidates.length - 1].slice(-2 * characters));
    return { package: '', name: `…${letters.slice(-Math.max(characters - 1, 1)).join('')}` };
  }
  const inPackage = name.slice(packageOf(name).length + 1);
  const withPackage = packageOf(name) !== '' && fitting.length > inPackage.length;
  return withPackage
    ? { package: fitting.slice(0, -inPackage.length), name: inPackage }
    : { package: '', name: fitting };
}
