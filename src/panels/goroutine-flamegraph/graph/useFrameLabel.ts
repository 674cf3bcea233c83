import { useCallback, useMemo } from 'react';
import { shortNames } from '../../../calltree/functionName';
import { printable } from '../../../calltree/printable';
import { type CallTree, changeOf } from '../../../calltree/tree';
import { factsOf, type Format, formatChange } from '../words/describe';
import { remembered } from './remembered';
import type { Picture } from './scene';

/** What is written in each rectangle: its name, and its change where there is one. */
export function useFrameLabel(tree: CallTree, compared: boolean, format: Format): Picture['label'] {
  const namesOf = useMemo(() => remembered((id: number) => shortNames(printable(tree.functions[id]))), [tree]);
  return useCallback(
    (frame, smaller) => {
      if (smaller > 0) {
        const { name, total } = factsOf(tree, frame, smaller);
        return { names: [`${name} (Σ ${format(total)})`, name, smaller.toLocaleString('en')], suffix: '' };
      }
      const change = compared ? changeOf(tree, frame)! : 0;
      return { names: namesOf(tree.functionOf[frame]), suffix: change === 0 ? '' : formatChange(change, format) };
    },
    [tree, compared, format, namesOf]
  );
}
