import fc from 'fast-check';
import { load, loadAll } from 'js-yaml';
import { agentPodMonitor, scrapeAgent } from './agent';
import { alloyProbe, alloyProgram } from './alloy';
import { compose, exporterConfig, needsConfiguration, systemdUnit } from './exporter';
import { exporterDeployment, podMonitor, probePodMonitor } from './kubernetes';
import { gomemlimitForContainers } from './memoryLimit';
import { addressOf, EXAMPLE, type Instance, podSelector, type Program } from './program';
import {
  scrapeCadvisor,
  scrapeKubeStateMetrics,
  scrapeNodeExporter,
  scrapeProbe,
  scrapeProgram,
  shorterInterval,
} from './prometheusConfig';
import { alloyLabel, alloyText, commentText, objectName, relabelReplacement, yamlText } from './quoted';

/** Any name but for lone surrogates, which are in no label. */
const anyName = fc.string({ unit: 'binary', maxLength: 40 }).filter((name) => !/\p{Surrogate}/u.test(name));
const hostileName = fc.oneof(
  anyName,
  fc.constantFrom(
    'a"b',
    'a\nb: c',
    '${job}',
    '$1',
    "it's",
    '- x',
    '#',
    ': ',
    '{}',
    'yes',
    'null',
    '~',
    '1e3',
    '\u2028',
    '\\'
  )
);

const instanceOf = (given: Partial<Instance>): Instance => ({
  instance: '',
  namespace: '',
  pod: '',
  container: '',
  endpoint: '',
  ...given,
});

const POD: Program = {
  job: 'shop/checkout',
  instances: [
    instanceOf({ instance: '10.1.2.3:8080', namespace: 'shop', pod: 'checkout-5d8f7c9b4d-x7k2p', container: 'app' }),
  ],
  unlisted: 0,
};

const programs = fc.record({
  job: hostileName,
  instances: fc.array(
    fc.record({
      instance: fc.oneof(hostileName, fc.constantFrom('10.0.0.1:80', 'web-1:8080', '[::1]:80')),
      namespace: hostileName,
      pod: hostileName,
      container: hostileName,
      endpoint: hostileName,
    }),
    { minLength: 1, maxLength: 3 }
  ),
  unlisted: fc.nat(2000),
  podLabel: fc.option(fc.record({ name: hostileName, value: hostileName }), { nil: undefined }),
  scrapeSeconds: fc.option(fc.double({ min: 1, max: 300 }), { nil: undefined }),
});

interface ScrapeConfig {
  job_name: string;
  static_configs: Array<{ targets: string[]; labels?: { instance: string } }>;
  relabel_configs: Array<{ source_labels?: string[]; target_label: string; replacement?: string }>;
}

const firstScrape = (yaml: string) => (load(yaml) as { scrape_configs: ScrapeConfig[] }).scrape_configs[0];

it('YAML parses back to the very names of a job and its instances', () => {
  fc.assert(
    fc.property(programs, (program) => {
      for (const [yaml, job] of [
        [scrapeProgram(program), program.job],
        [scrapeProbe(program), `${program.job}-goroutines`],
        [scrapeAgent(program), `${program.job}-goroutines`],
        [shorterInterval(program), program.job],
      ]) {
        expect(firstScrape(yaml).job_name).toBe(job);
      }
      const instances = firstScrape(scrapeProbe(program)).static_configs.flatMap(
        ({ targets, labels }) => labels?.instance ?? targets
      );
      expect(instances).toEqual(program.instances.map(({ instance }) => instance));
    })
  );
});

it('Kubernetes’ YAML parses back to the very names', () => {
  fc.assert(
    fc.property(programs, (program) => {
      const selector = podSelector(program);
      for (const yaml of [podMonitor(program), probePodMonitor(program), agentPodMonitor(program)]) {
        expect(load(yaml)).toMatchObject({ spec: { selector: { matchLabels: { [selector.name]: selector.value } } } });
      }
      expect(loadAll(exporterDeployment(program))).toHaveLength(3);
      expect(() => load(exporterConfig(program))).not.toThrow();
      expect(() => load(compose(program))).not.toThrow();
      expect(() => load(scrapeNodeExporter(program))).not.toThrow();
    })
  );
});

it('names of Kubernetes’ objects are such names, and labels of Alloy’s components identifiers', () => {
  fc.assert(
    fc.property(hostileName, (name) => {
      expect(objectName(name, '-goroutines')).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      expect(alloyLabel(name)).toMatch(/^[a-z_][a-z0-9_]*$/);
    })
  );
});

it('any text is one scalar of YAML, one literal of Alloy, and one line of a comment', () => {
  fc.assert(
    fc.property(hostileName, (name) => {
      expect(load(`key: ${yamlText(name)}\n`)).toEqual({ key: name });
      expect(JSON.parse(alloyText(name))).toBe(name);
      expect(load(`key: value # ${commentText(name)}\n`)).toEqual({ key: 'value' });
    })
  );
});

it('a name in a relabelling’s replacement is no reference to a group', () => {
  expect(relabelReplacement('${1}$2')).toBe('$${1}$$2');
});

it('no name ends a string of Alloy’s configuration early', () => {
  fc.assert(
    fc.property(programs, (program) => {
      for (const text of [alloyProgram(program), alloyProbe(program)]) {
        const code = text.replace(/"(?:[^"\\\n]|\\.)*"/g, '""').replace(/\/\/.*/g, '');
        expect(code).toMatch(/^[\w\s.="{}[\],]*$/);
      }
    })
  );
});

it('a probe’s targets keep their addresses as instances', () => {
  const { static_configs, relabel_configs } = firstScrape(scrapeProbe(EXAMPLE));
  expect(static_configs).toEqual([{ targets: ['checkout-1:8080'] }]);
  expect(relabel_configs).toEqual([
    { source_labels: ['__address__'], target_label: 'instance' },
    { source_labels: ['__address__'], target_label: '__param_target' },
    { target_label: '__address__', replacement: '127.0.0.1:9979' },
  ]);
});

it('instances that are no addresses stay labels, with a place for the address', () => {
  const named = { ...EXAMPLE, instances: [instanceOf({ instance: 'checkout one' })] };
  const { static_configs, relabel_configs } = firstScrape(scrapeProbe(named));
  expect(static_configs).toEqual([{ targets: ['HOST:8080'], labels: { instance: 'checkout one' } }]);
  expect(relabel_configs.map(({ target_label }) => target_label)).toEqual(['__param_target', '__address__']);
});

it('a probe’s pods keep the instance of their own job, whatever port serves /debug/pprof', () => {
  expect(load(probePodMonitor(POD))).toMatchObject({
    spec: {
      podMetricsEndpoints: [
        {
          path: '/probe',
          relabelings: [
            { targetLabel: '__param_target' },
            { targetLabel: 'instance', regex: '(.+):\\d+', replacement: '$1:8080' },
            { targetLabel: 'job', replacement: 'shop/checkout-goroutines' },
            { targetLabel: '__address__', replacement: 'goroutine-stack-exporter.shop.svc:9979' },
          ],
        },
      ],
    },
  });
});

it('processes that agents list are the program’s under its own instances', () => {
  const relabelling = (program: Program) => firstScrape(scrapeAgent(program)).relabel_configs;
  expect(relabelling(EXAMPLE)).toEqual([
    { source_labels: ['__meta_process_command'], regex: 'checkout', action: 'keep' },
    { target_label: 'instance', replacement: 'checkout-1:8080' },
  ]);
  const two = {
    ...EXAMPLE,
    job: 'check.out',
    instances: [EXAMPLE.instances[0], instanceOf({ instance: 'checkout-2:8080' })],
  };
  expect(relabelling(two)).toEqual([
    { source_labels: ['__meta_process_command'], regex: 'check\\.out', action: 'keep' },
    { source_labels: ['instance'], regex: '(.+):[^:]+:\\d+', target_label: 'instance', replacement: '$1:8080' },
  ]);
  expect(load(scrapeAgent(two))).toMatchObject({
    scrape_configs: [{ http_sd_configs: [{ url: 'http://checkout-1:9979/sd' }, { url: 'http://checkout-2:9979/sd' }] }],
  });
});

it('a pod’s process is asked of its node’s agent', () => {
  expect(load(agentPodMonitor(POD))).toMatchObject({
    spec: {
      podMetricsEndpoints: [
        {
          path: '/probe',
          relabelings: [
            { targetLabel: 'job', replacement: 'shop/checkout-goroutines' },
            { targetLabel: 'instance', regex: '(.+):\\d+', replacement: '$1:8080' },
            { sourceLabels: ['__meta_kubernetes_pod_container_id'], targetLabel: '__param_container_id' },
            { sourceLabels: ['__meta_kubernetes_pod_host_ip'], targetLabel: '__address__', replacement: '$1:9979' },
          ],
        },
      ],
    },
  });
});

it.each([
  ['checkout-5d8f7c9b4d-x7k2p', 'checkout'],
  ['db-0', 'db'],
  ['agent-x7k2p', 'agent'],
])('guesses the pods’ label from the name of pod %s', (pod, value) => {
  const program = { ...POD, instances: [instanceOf({ pod })] };
  expect(podSelector(program)).toEqual({ name: 'app.kubernetes.io/name', value, guessed: true });
});

it('prefers a label that kube-state-metrics exports', () => {
  const program = { ...POD, podLabel: { name: 'app', value: 'shop-checkout' } };
  expect(podSelector(program)).toEqual({ name: 'app', value: 'shop-checkout', guessed: false });
});

it('needs no configuration of the exporter for programs on its own host', () => {
  const local = { ...EXAMPLE, instances: [instanceOf({ instance: '127.0.0.1:6060' })] };
  expect(needsConfiguration(local)).toBe(false);
  expect(systemdUnit(local)).toContain('ExecStart=/usr/local/bin/goroutine_stack_exporter\n');
  expect(systemdUnit(EXAMPLE)).toContain('--config.file=/etc/goroutine_stack_exporter.yml');
});

it('allows the exporter the instances, or the private networks in which pods are', () => {
  const targets = (program: Program) =>
    (load(exporterConfig(program)) as { modules: { default: { targets: string[] } } }).modules.default.targets;
  expect(targets(EXAMPLE)).toEqual(['checkout-1:8080']);
  expect(targets(POD)).toContain('10.0.0.0/8:8080');
});

it.each([
  ['web:80', { host: 'web', port: '80' }],
  ['[fd00::1]:80', { host: '[fd00::1]', port: '80' }],
  ['web', undefined],
  ['http://web:80', undefined],
])('reads the address of %s', (instance, expected) => {
  expect(addressOf(instance)).toEqual(expected);
});

it.each([scrapeCadvisor, scrapeKubeStateMetrics, gomemlimitForContainers])('%p is YAML', (snippet) => {
  expect(load(snippet())).toBeInstanceOf(Object);
});
