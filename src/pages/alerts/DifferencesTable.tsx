import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React from 'react';
import type { Difference } from '../../alerting/differences';
import { changedParts } from '../../alerting/textDiff';
import { t } from '../../translate';

/** Rule · field · installed · new. */
export function DifferencesTable({ differences }: { differences: ReadonlyMap<string, Difference[]> }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('alerts.differences.title', 'Differences')}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('alerts.differences.rule', 'Rule')}</th>
            <th scope="col">{t('alerts.differences.field', 'Field')}</th>
            <th scope="col">{t('alerts.differences.installed', 'Installed')}</th>
            <th scope="col">{t('alerts.differences.new', 'New')}</th>
          </tr>
        </thead>
        <tbody>
          {[...differences].flatMap(([rule, fields]) =>
            fields.map((difference, index) => (
              <tr key={`${rule} ${difference.field} ${difference.name}`}>
                {index === 0 && (
                  <th scope="rowgroup" rowSpan={fields.length}>
                    {rule}
                  </th>
                )}
                <td>{fieldName(difference)}</td>
                <Changed from={difference.installed} to={difference.wanted} />
              </tr>
            ))
          )}
        </tbody>
      </table>
    </div>
  );
}

/** Both texts, with what they do not have in common marked, in words for screen readers by del and ins. */
function Changed({ from, to }: { from: string; to: string }) {
  const styles = useStyles2(getStyles);
  const { before, removed, added, after } = changedParts(from, to);
  return (
    <>
      <td className={styles.text}>
        {before}
        {removed && <del className={styles.removed}>{removed}</del>}
        {after}
      </td>
      <td className={styles.text}>
        {before}
        {added && <ins className={styles.added}>{added}</ins>}
        {after}
      </td>
    </>
  );
}

function fieldName({ field, name = '' }: Difference): string {
  switch (field) {
    case 'title':
      return t('alerts.field.title', 'Name');
    case 'folder':
      return t('alerts.field.folder', 'Folder');
    case 'group':
      return t('alerts.field.group', 'Group');
    case 'dataSource':
      return t('alerts.field.data-source', 'Data source');
    case 'query':
      return t('alerts.field.query', 'Query {{name}}', { name });
    case 'timeRange':
      return t('alerts.field.time-range', 'Time range of {{name}}', { name });
    case 'threshold':
      return t('alerts.field.threshold', 'Threshold of {{name}}', { name });
    case 'condition':
      return t('alerts.field.condition', 'Condition');
    case 'for':
      return t('alerts.field.for', 'Pending period');
    case 'keepFiringFor':
      return t('alerts.field.keep-firing-for', 'Keep firing for');
    case 'missingEvaluations':
      return t('alerts.field.missing-evaluations', 'Missing evaluations to resolve');
    case 'noData':
      return t('alerts.field.no-data', 'State without data');
    case 'error':
      return t('alerts.field.error', 'State at an error');
    case 'label':
      return t('alerts.field.label', 'Label {{name}}', { name });
    case 'annotation':
      return t('alerts.field.annotation', 'Annotation {{name}}', { name });
    case 'contactPoint':
      return t('alerts.field.contact-point', 'Contact point');
  }
}

const getStyles = (theme: GrafanaTheme2) => ({
  scroll: css({ overflow: 'auto', maxHeight: 480, border: `1px solid ${theme.colors.border.weak}` }),
  table: css({
    width: '100%',
    minWidth: 720,
    'th, td': {
      padding: theme.spacing(0.75, 1),
      verticalAlign: 'top',
      borderBottom: `1px solid ${theme.colors.border.weak}`,
      textAlign: 'left',
    },
    thead: { color: theme.colors.text.secondary },
  }),
  text: css({
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
    width: '38%',
  }),
  removed: css({ background: theme.colors.error.transparent, color: theme.colors.error.text }),
  added: css({
    background: theme.colors.success.transparent,
    color: theme.colors.success.text,
    textDecoration: 'none',
  }),
});
