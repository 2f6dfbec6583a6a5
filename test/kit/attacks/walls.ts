/** Attacks on what a sandbox stands on: packets of its own, other address families, sockets of this machine and of other sandboxes. */
import type { Attack } from './attack.ts';
import { outsideAddress } from '../network.ts';

export interface Machine {
  /** the helper’s own socket, and the folder of its sockets, as paths of the host */
  readonly socket: string;
  readonly runtime: string;
  /** port of a server on the host’s loopback */
  readonly port: number;
  /** name of a socket in the host’s abstract namespace */
  readonly abstract: string;
  /** port on which another sandbox listens */
  readonly neighbour: number;
}

const python = (text: string): string => `python3 - <<'END'\nimport os, socket, struct\n${text}\nEND`;
/** Python that says so when `text` runs without an error */
const unless = (text: string): string =>
  python(`try:\n    ${text.replaceAll('\n', '\n    ')}\nexcept OSError as error: print(error)\nelse: print('reached')`);
const tried = (text: string): string => `[ "$(${unless(text)}\n)" = reached ] && through`;

export const wallAttacks = ({ socket, runtime, port, abstract, neighbour }: Machine): readonly Attack[] => [
  {
    name: 'packets of its own: UDP, ICMP, raw and packet sockets',
    needs: 'python3',
    must: 'fail',
    tries: [
      `socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('${outsideAddress}', 53))`,
      `socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('${outsideAddress}', 443))`,
      `socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b'x', ('2001:db8::1', 443))`,
      `socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 1).sendto(b'\\x08\\0\\xf7\\xff\\0\\0\\0\\0', ('${outsideAddress}', 0))`,
      `socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)`,
      `socket.socket(socket.AF_INET, socket.SOCK_RAW, 255)`,
      `socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58)`,
      `socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 768)`,
      `socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('255.255.255.255', 67))`,
      `socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('224.0.0.251', 5353))`,
      `s = socket.socket(40, socket.SOCK_STREAM); s.settimeout(2); s.connect((2, 22))`,
      `s = socket.socket(40, socket.SOCK_STREAM); s.settimeout(2); s.connect((0, 2375))`,
      `s = socket.socket(socket.AF_INET, 5, 132); s.connect(('${outsideAddress}', 80))`,
    ].map(tried),
  },
  {
    name: 'a network of its own making',
    must: 'fail',
    tries: [
      'unshare -rn true && through',
      'ip link add d0 type dummy && through',
      'ip route add default dev lo && through',
      ': >> /etc/resolv.conf && through',
      ': >> /etc/hosts && through',
      '[ -w /dev/net/tun ] && through',
    ],
  },
  {
    name: 'UDP to an allowed host',
    must: 'fail',
    tries: [
      'for port in 53 80 443; do exec 5<>/dev/udp/web.example/$port; printf x >&5; sleep 0.05; printf x >&5 && timeout 0.2 head -c 1 <&5 | grep -qa . && through; done',
    ],
  },
  {
    name: 'servers of this machine',
    must: 'fail',
    tries: [
      `say 127.0.0.1 ${port} "GET /$M HTTP/1.1\\r\\n\\r\\n"`,
      `say 127.0.0.1 3128 "GET http://127.0.0.1:${port}/$M HTTP/1.1\\r\\nHost: 127.0.0.1:${port}\\r\\n\\r\\n"`,
      `say 127.0.0.1 3128 "CONNECT 127.0.0.1:${port} HTTP/1.1\\r\\nHost: 127.0.0.1:${port}\\r\\n\\r\\nGET /$M HTTP/1.1\\r\\n\\r\\n"`,
      `say 127.0.0.1 3128 "GET http://loopback.example:${port}/$M HTTP/1.1\\r\\nHost: loopback.example:${port}\\r\\n\\r\\n"`,
    ],
  },
  {
    name: 'sockets of the helper, of engines and of other sandboxes',
    needs: 'python3',
    must: 'fail',
    tries: [
      ...[socket, '/var/run/docker.sock', '/run/podman/podman.sock', '/run/dbus/system_bus_socket', '/run/systemd/private'].map((path) =>
        tried(`socket.socket(socket.AF_UNIX).connect(${JSON.stringify(path)})`),
      ),
      tried(`socket.socket(socket.AF_UNIX).connect('\\0${abstract}')`),
      tried(`os.listdir(${JSON.stringify(runtime)})`),
      tried(`s = socket.create_connection(('127.0.0.1', ${neighbour}), 2)`),
      tried(`found = [p for p in os.popen('find /.lasso /run /tmp /var -type s 2>/dev/null').read().split()]
answers = []
for p in found:
    s = socket.socket(socket.AF_UNIX); s.settimeout(1)
    try: s.connect(p); s.sendall(b'ab' * 64); answers.append(s.recv(100))
    except OSError: pass
if not any(answers): raise OSError('nobody answers at any of ' + str(found))`),
    ],
  },
];

/** Storms, each followed by a try that must not suffer from it. */
export const floods: readonly Attack[] = [
  {
    name: 'a storm of refused connections',
    needs: 'python3',
    must: 'fail',
    tries: [
      python(`refused = 0
for i in range(1500):
    s = socket.create_connection(('127.0.0.1', 3128)); s.sendall(b'CONNECT other.example:443 HTTP/1.1\\r\\nHost: other.example:443\\r\\n\\r\\n')
    refused += b' 200 ' not in s.recv(200); s.close()
print(refused if refused == 1500 else os.environ.get('M', '') + ' came through')`).replace('python3', 'export M; python3'),
    ],
  },
  {
    name: 'a storm of names',
    needs: 'python3',
    must: 'fail',
    tries: [
      python(`found = 0
for i in range(1500):
    try: socket.gethostbyname('n%d.other.example' % i); found += 1
    except OSError: pass
print(os.environ.get('M', '') + ' came through' if found else 'none')`).replace('python3', 'export M; python3'),
    ],
  },
  {
    name: 'everyday work after a storm',
    needs: 'curl',
    must: 'work',
    tries: ['sleep 1; direct https://web.example/$M', 'proxied http://web.example/$M'],
  },
];
