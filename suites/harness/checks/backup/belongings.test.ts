import { expect, test } from 'vitest';
import { belongingsOf } from '../../../../fixtures/checks/backup/belongings.ts';

const container = (mounts: { Type: string; Name?: string; Source: string }[], network: string) => ({
  Mounts: mounts,
  NetworkSettings: { Networks: { default: { NetworkID: network } } },
});

test('a project uses its volumes, folders and networks, each once', () => {
  const db = container([{ Type: 'volume', Name: 'a_data', Source: '/var/lib/docker/volumes/a_data/_data' }], '1');
  const nginx = container([{ Type: 'bind', Source: '/run/a/nginx.conf' }], '1');
  expect(belongingsOf([db, nginx])).toEqual(['volume a_data', 'network 1', 'folder /run/a/nginx.conf']);
});

test('memory and the files of an image belong to nobody', () => {
  const mounts = [
    { Type: 'tmpfs', Source: '' },
    { Type: 'image', Source: '' },
  ];
  expect(belongingsOf([container(mounts, '1')])).toEqual(['network 1']);
});

test('a network that was never joined has no id: its name stands for it', () => {
  expect(belongingsOf([container([], '')])).toEqual(['network default']);
});
