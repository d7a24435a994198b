import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { SERVICE_NAMES } from '../tools/operator/services.mjs';
import { documentsAt, listIn, ownSettings, ROOT, settingOf, sharedSettings, treeIn, version, yamlAt, type Tree } from './deployment-files.js';

const FOLDER = 'deploy/kubernetes';
const TEMPLATE = 'secrets.template.yaml';
const NAME = 'app.kubernetes.io/name';
const API_VERSIONS: Readonly<Record<string, string>> = {
  Namespace: 'v1', ConfigMap: 'v1', Secret: 'v1', Service: 'v1', Deployment: 'apps/v1', StatefulSet: 'apps/v1', Job: 'batch/v1',
  PodDisruptionBudget: 'policy/v1', NetworkPolicy: 'networking.k8s.io/v1', Ingress: 'networking.k8s.io/v1',
};

const services = SERVICE_NAMES as readonly string[];
const kustomization = yamlAt(`${FOLDER}/kustomization.yaml`);
const resources = listIn<string>(kustomization, 'resources');
const objects = resources.flatMap((file) => documentsAt(`${FOLDER}/${file}`));
const template = documentsAt(`${FOLDER}/${TEMPLATE}`);

const kindOf = (object: Tree): string => String(object['kind']);
const nameOf = (object: Tree): string => String(treeIn(object, 'metadata')['name']);
const labelOf = (object: Tree): string => `${kindOf(object)} ${nameOf(object)}`;
const specOf = (object: Tree): Tree => treeIn(object, 'spec');
const ofKind = (...kinds: string[]): Tree[] => objects.filter((object) => kinds.includes(kindOf(object)));
const named = (list: readonly Tree[]): [string, Tree][] => list.map((object) => [labelOf(object), object]);
const workloads = ofKind('Deployment', 'StatefulSet', 'Job');
const lasting = ofKind('Deployment', 'StatefulSet');
const podOf = (workload: Tree): Tree => specOf(treeIn(specOf(workload), 'template'));
const podLabels = (workload: Tree): Tree => treeIn(treeIn(treeIn(specOf(workload), 'template'), 'metadata'), 'labels');
const containersOf = (workload: Tree): readonly Tree[] => [...listIn(podOf(workload), 'containers'), ...listIn(podOf(workload), 'initContainers')];
const selectedBy = (labels: Tree): Tree[] => workloads.filter((workload) => Object.entries(labels).every(([label, value]) => podLabels(workload)[label] === value));
const keysOf = (objectKind: string, name: string): string[] | undefined => {
  const found = [...objects, ...template].find((object) => kindOf(object) === objectKind && nameOf(object) === name);
  return found === undefined ? undefined : Object.keys({ ...treeIn(found, 'stringData'), ...treeIn(found, 'data') });
};

describe('the kustomization', () => {
  it('lists every manifest and not the template of secrets', () => {
    const files = readdirSync(join(ROOT, FOLDER), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
    expect(new Set([...resources, 'kustomization.yaml', TEMPLATE])).toEqual(new Set(files));
  });

  it('has an image of ours for every service and for the job, and each is used', () => {
    const ours = [...services, 'node'].map((name) => ({ name: `kula-${name}`, newTag: version() }));
    expect(new Set(listIn(kustomization, 'images').map((image) => JSON.stringify(image)))).toEqual(new Set(ours.map((image) => JSON.stringify(image))));
    const used = workloads.flatMap(containersOf).map((container) => String(container['image'])).filter((image) => image.startsWith('kula-'));
    expect(new Set(used)).toEqual(new Set(ours.map(({ name, newTag }) => `${name}:${newTag}`)));
  });

  it('takes Postgres and the nats-server from the images compose takes', () => {
    const composed = treeIn(yamlAt('docker-compose.yml'), 'services') as Readonly<Record<string, Tree>>;
    for (const name of ['postgres', 'nats']) {
      const server = ofKind('StatefulSet').find((object) => nameOf(object) === name);
      expect(containersOf(server ?? {}).map((container) => container['image'])).toEqual([composed[name]?.['image']]);
    }
  });
});

describe('the manifests', () => {
  it.each(named([...objects, ...template]))('give %s the version of its kind, and a name', (_, object) => {
    expect(object['apiVersion']).toBe(API_VERSIONS[kindOf(object)]);
    expect(nameOf(object)).toMatch(/^[a-z]([-a-z0-9]*[a-z0-9])?$/);
  });

  it('name each object once', () => {
    const labels = objects.map(labelOf);
    expect(labels.length).toBe(new Set(labels).size);
  });

  it('run one workload for each service, besides two servers and a job', () => {
    expect(workloads.map(labelOf).sort()).toEqual([
      ...services.map((name) => `Deployment ${name}`), 'StatefulSet postgres', 'StatefulSet nats', 'Job provision',
    ].sort());
  });

  it('keep secrets out of what is applied', () => {
    expect(ofKind('Secret')).toEqual([]);
    expect(template.flatMap((secret) => Object.values(treeIn(secret, 'stringData'))).filter((value) => value !== '')).toEqual([]);
  });
});

describe.each(named(lasting))('%s', (_, workload) => {
  it('selects its own pods', () => {
    const selected = treeIn(treeIn(specOf(workload), 'selector'), 'matchLabels');
    expect(Object.keys(selected)).toEqual([NAME]);
    expect(selectedBy(selected)).toEqual([workload]);
  });

  it('is probed while it starts, while it lives and before it is used', () => {
    for (const container of containersOf(workload)) {
      const ports = listIn(container, 'ports').map((port) => port['name']);
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
        const { httpGet, exec } = treeIn(container, probe) as { readonly httpGet?: Tree; readonly exec?: Tree };
        if (httpGet === undefined) expect(listIn(exec ?? {}, 'command').length).toBeGreaterThan(0);
        else expect([httpGet['path'], ports.includes(httpGet['port'])]).toEqual([probe === 'readinessProbe' ? '/readyz' : '/livez', true]);
      }
    }
  });
});

describe.each(named(workloads))('every container of %s', (_, workload) => {
  it('asks for what it needs and is stopped at what it may not exceed', () => {
    for (const container of containersOf(workload)) {
      expect(container['resources']).toMatchObject({ requests: { cpu: expect.any(String) as unknown, memory: expect.any(String) as unknown }, limits: { memory: expect.any(String) as unknown } });
    }
  });

  it('runs without rights, on files it cannot change', () => {
    const pod = podOf(workload);
    expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } });
    expect(treeIn(pod, 'securityContext')['runAsUser']).toBeGreaterThan(0);
    for (const container of containersOf(workload)) {
      expect(container['securityContext']).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
    }
  });

  it('does not see the addresses of other services as variables, which could be taken for settings', () => {
    expect(podOf(workload)['enableServiceLinks']).toBe(false);
  });

  it('comes from an image that is named exactly', () => {
    for (const container of containersOf(workload)) expect(container['image']).toMatch(/^[a-z0-9./-]+:\d[\w.-]*$/);
  });

  it('mounts only what the pod has, and all of it', () => {
    const claims = listIn(specOf(workload), 'volumeClaimTemplates').map(nameOf);
    const volumes = [...listIn(podOf(workload), 'volumes').map((volume) => String(volume['name'])), ...claims];
    const mounted = containersOf(workload).flatMap((container) => listIn(container, 'volumeMounts').map((mount) => String(mount['name'])));
    expect(new Set(mounted)).toEqual(new Set(volumes));
  });

  it('reads only secrets and settings there are, readable by it and no others', () => {
    const secrets = listIn(podOf(workload), 'volumes').filter((volume) => 'secret' in volume).map((volume) => treeIn(volume, 'secret'));
    for (const secret of secrets) {
      const keys = keysOf('Secret', String(secret['secretName']));
      expect([secret['secretName'], keys !== undefined, secret['defaultMode']]).toEqual([secret['secretName'], true, 0o440]);
      expect(listIn(secret, 'items').map((item) => String(item['key'])).filter((key) => !keys?.includes(key))).toEqual([]);
    }
    for (const source of containersOf(workload).flatMap((container) => listIn(container, 'envFrom'))) {
      expect(keysOf('ConfigMap', String(treeIn(source, 'configMapRef')['name']))).toBeDefined();
    }
  });

  it('is pointed to files that are mounted', () => {
    const items = listIn(podOf(workload), 'volumes').flatMap((volume) => listIn(treeIn(volume, 'secret'), 'items')).map((item) => `/run/secrets/${String(item['path'])}`);
    const pointed = containersOf(workload).flatMap((container) => listIn(container, 'env')).map((variable) => String(variable['value'])).filter((value) => value.startsWith('/run/secrets/'));
    expect(new Set(items)).toEqual(new Set(pointed));
  });
});

describe.each(services)('the Deployment of %s', (name) => {
  const deployment = ofKind('Deployment').find((object) => nameOf(object) === name) ?? {};
  const container = containersOf(deployment)[0] ?? {};
  const replicas = Number(specOf(deployment)['replicas']);

  it('is told what it must be told, and nothing it does not know', () => {
    const settings = [...sharedSettings(), ...ownSettings(name)];
    const known = new Set(settings.map((setting) => setting.name));
    const set = listIn(container, 'env').map((variable) => settingOf(String(variable['name']), known));
    const given = listIn(container, 'envFrom').flatMap((source) => keysOf('ConfigMap', String(treeIn(source, 'configMapRef')['name'])) ?? []);
    expect(set.filter((setting) => !known.has(setting))).toEqual([]);
    expect(settings.filter((setting) => setting.isRequired && ![...set, ...given].includes(setting.name))).toEqual([]);
  });

  it('answers probes where it is told to', () => {
    expect(listIn(container, 'ports')).toEqual([{ name: 'http', containerPort: 8080 }]);
    expect(listIn(container, 'env')).toContainEqual({ name: name === 'gateway' ? 'KULA_GATEWAY_PORT' : 'KULA_HEALTH_PORT', value: '8080' });
  });

  it('has a disruption budget where it has more than one replica, and only there', () => {
    const budgets = ofKind('PodDisruptionBudget').filter((budget) => selectedBy(treeIn(treeIn(specOf(budget), 'selector'), 'matchLabels')).includes(deployment));
    expect(budgets.map(specOf)).toEqual(replicas > 1 ? [expect.objectContaining({ maxUnavailable: 1 })] : []);
  });
});

describe('federation', () => {
  it('is never there twice', () => {
    expect(specOf(ofKind('Deployment').find((object) => nameOf(object) === 'federation') ?? {})).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  });
});

describe('the settings of the example', () => {
  it('are known to a service each', () => {
    const known = new Set([...sharedSettings(), ...services.flatMap(ownSettings)].map((setting) => setting.name));
    expect(keysOf('ConfigMap', 'kula-settings')?.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('the secrets of the template', () => {
  it('are those that compose mounts, and the one that stays outside', () => {
    expect(new Set(keysOf('Secret', 'kula-secrets'))).toEqual(new Set([...Object.keys(treeIn(yamlAt('docker-compose.yml'), 'secrets')), 'link-nkey']));
  });
});

describe('the network', () => {
  it.each(named(ofKind('Service')))('leads %s to one workload, at a port it has', (_, service) => {
    const targets = selectedBy(treeIn(specOf(service), 'selector'));
    expect(targets).toHaveLength(1);
    const ports = containersOf(targets[0] ?? {}).flatMap((container) => listIn(container, 'ports')).map((port) => port['name']);
    for (const port of listIn(specOf(service), 'ports')) expect(ports).toContain(port['targetPort']);
  });

  it('leads the ingress to the gateway, under a certificate of the template', () => {
    const [ingress = {}] = ofKind('Ingress');
    const paths = listIn(specOf(ingress), 'rules').flatMap((rule) => listIn(treeIn(rule, 'http'), 'paths'));
    expect(paths.map((path) => treeIn(treeIn(path, 'backend'), 'service'))).toEqual([{ name: 'gateway', port: { name: 'http' } }]);
    for (const tls of listIn(specOf(ingress), 'tls')) expect(keysOf('Secret', String(tls['secretName']))).toEqual(['tls.crt', 'tls.key']);
  });

  it.each(named(ofKind('NetworkPolicy')))('applies %s to pods there are', (_, policy) => {
    const pods = treeIn(treeIn(specOf(policy), 'podSelector'), 'matchLabels');
    const allowed = [...listIn(specOf(policy), 'ingress').flatMap((rule) => listIn(rule, 'from')), ...listIn(specOf(policy), 'egress').flatMap((rule) => listIn(rule, 'to'))];
    const peers = allowed.filter((peer) => 'podSelector' in peer).map((peer) => treeIn(treeIn(peer, 'podSelector'), 'matchLabels'));
    expect([pods, ...peers].filter((labels) => selectedBy(labels).length === 0)).toEqual([]);
  });

  it('denies what no policy allows', () => {
    expect(ofKind('NetworkPolicy').map(specOf)).toContainEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });
});

const hasKubectl = spawnSync('kubectl', ['version', '--client'], { encoding: 'utf8' }).status === 0;
if (!hasKubectl) console.warn('kubectl is not on PATH: the manifests were put together by this test alone, not by kustomize.');
if (hasKubectl) {
  describe('kustomize itself', () => {
    it('puts all objects into the namespace, as part of the node', () => {
      const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', join(ROOT, FOLDER)], { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
      const built = parseAllDocuments(stdout).map((document) => document.toJS() as Tree);
      expect(built.map(labelOf).sort()).toEqual(objects.map(labelOf).sort());
      for (const object of built.filter((each) => kindOf(each) !== 'Namespace')) {
        expect(treeIn(object, 'metadata')).toMatchObject({ namespace: 'kula', labels: { 'app.kubernetes.io/part-of': 'kula' } });
      }
    });
  });
}
