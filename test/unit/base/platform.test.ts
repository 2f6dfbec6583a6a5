import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldersOf, socketAddress, socketPathLimitBytes, type Host } from '../../../helper/base/platform.ts';

const linux: Host = { platform: 'linux', environment: {}, home: '/home/ann', uid: 1000, gid: 1000, user: 'ann', temporary: '/tmp' };
const mac: Host = { ...linux, platform: 'darwin', home: '/Users/ann', uid: 501, temporary: '/var/folders/zz/long' };
const windows: Host = { ...linux, platform: 'win32', home: 'C:\\Users\\ann', uid: undefined, gid: undefined, temporary: 'C:\\Temp' };

test('folders follow each platform’s customs', () => {
  const cases: readonly (readonly [Host, string, string])[] = [
    [linux, '/home/ann/.lasso', '/tmp/lasso-1000'],
    [{ ...linux, environment: { XDG_RUNTIME_DIR: '/run/user/1000' } }, '/home/ann/.lasso', '/run/user/1000/lasso'],
    [{ ...linux, environment: { XDG_RUNTIME_DIR: 'relative' } }, '/home/ann/.lasso', '/tmp/lasso-1000'],
    [mac, '/Users/ann/.lasso', '/tmp/lasso-501'],
    [windows, 'C:\\Users\\ann\\AppData\\Local\\lasso', 'C:\\Users\\ann\\AppData\\Local\\lasso\\run'],
    [{ ...windows, environment: { LOCALAPPDATA: 'D:\\Data' } }, 'D:\\Data\\lasso', 'D:\\Data\\lasso\\run'],
    [{ ...linux, environment: { LASSO_HOME: '/h', LASSO_RUNTIME_DIR: '/r' } }, '/h', '/r'],
  ];
  for (const [host, home, runtime] of cases) {
    const folders = foldersOf(host);
    assert.deepEqual([folders.home, folders.runtime], [home, runtime]);
  }
});

test('a list of profile folders is split as the platform splits paths', () => {
  assert.deepEqual(foldersOf({ ...linux, environment: { LASSO_PROFILE_DIR: '/a::/b' } }).profiles, [
    '/home/ann/.lasso/profiles',
    '/a',
    '/b',
  ]);
  const [, first, second] = foldersOf({ ...windows, environment: { LASSO_PROFILE_DIR: 'C:\\a;D:\\b' } }).profiles;
  assert.deepEqual([first, second], ['C:\\a', 'D:\\b']);
});

test('relative folders are made absolute, since the helper works elsewhere', () => {
  assert.ok(foldersOf({ ...linux, environment: { LASSO_HOME: 'here' } }).home.startsWith('/'));
});

test('sockets are files, and on Windows pipes that belong to one user and one runtime folder', () => {
  assert.equal(socketAddress(linux, '/run/user/1000/lasso', 'helper-1'), '/run/user/1000/lasso/helper-1.sock');
  const pipe = socketAddress(windows, 'C:\\x\\run', 'helper-1');
  assert.match(pipe, /^\\\\\.\\pipe\\lasso-[0-9a-f]{24}-helper-1$/);
  assert.notEqual(pipe, socketAddress({ ...windows, user: 'bob' }, 'C:\\x\\run', 'helper-1'));
  assert.equal(pipe, socketAddress(windows, 'c:\\X\\RUN', 'helper-1'));
});

test('the longest socket path is known for each platform', () => {
  assert.deepEqual([socketPathLimitBytes('linux'), socketPathLimitBytes('darwin'), socketPathLimitBytes('win32')], [107, 103, undefined]);
});
