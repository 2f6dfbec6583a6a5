/**
 * The few files of /etc that a sandbox gets from LASSO: who the agent is and what its machine is called. Pure; nothing of
 * the host's own /etc goes in.
 */

/** file name → text, for one sandbox */
export function etcFiles(
  identity: { readonly uid: number; readonly gid: number },
  hostname: string,
  home: string,
): Readonly<Record<string, string>> {
  const { uid, gid } = identity;
  return {
    passwd: `root:x:0:0:root:/root:/usr/sbin/nologin\nagent:x:${uid}:${gid}:agent:${home}:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n`,
    group: `root:x:0:\nagent:x:${gid}:\ntty:x:5:\nnogroup:x:65534:\n`,
    hosts: `127.0.0.1 localhost ${hostname}\n::1 localhost\n`,
    'resolv.conf': 'nameserver 127.0.0.1\noptions timeout:2 attempts:1\n',
    hostname: `${hostname}\n`,
  };
}
