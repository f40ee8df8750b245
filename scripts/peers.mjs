/**
 * Independent judges: programs by other people that the tests hold Skerry against. A test that finds its judge missing is
 * skipped; an example or a benchmark that is about equipment cannot run without it.
 */
import { spawnSync } from 'node:child_process'

/** Debian's own Python: another one first in PATH does not see Debian's modules. */
const python = (name) => ['/usr/bin/python3', '-c', `import ${name}`]

const gstreamer = (code) => {
  const versions = "import gi, sys; gi.require_version('Gst', '1.0'); gi.require_version('GstRtspServer', '1.0')"
  return ['/usr/bin/python3', '-c', `${versions}; ${code}`]
}

/** A check for one element of GStreamer. */
const element = (name) =>
  gstreamer(`from gi.repository import Gst; Gst.init(None); sys.exit(Gst.ElementFactory.find('${name}') is None)`)

/** How to ask whether it is there, and the Debian package that brings it. */
const peers = [
  { debian: 'chromium', ask: ['test', '-x', '/usr/bin/chromium'] },
  { debian: 'curl', ask: ['curl', '--version'] },
  { debian: 'openssl', ask: ['openssl', 'version'] },
  { debian: 'protobuf-compiler', ask: ['protoc', '--version'] },
  { debian: 'python3-grpcio', ask: python('grpc') },
  { debian: 'python3-grpc-tools', ask: python('grpc_tools.protoc') },
  { debian: 'python3-sklearn', ask: python('sklearn') },
  { debian: 'python3-xgboost', ask: python('xgboost') },
  { debian: 'python3-onnx', ask: python('onnx') },
  { debian: 'python3-opentelemetry-proto', ask: python('opentelemetry.proto.metrics.v1.metrics_pb2') },
  { debian: 'python3-onnxruntime', ask: python('onnxruntime') },
  { debian: 'faketime', ask: ['faketime', '--version'] },
  { debian: 'gcc', ask: ['gcc', '--version'] },
  { debian: 'libc6-dev', ask: ['test', '-e', '/usr/include/stdio.h'] },
  { debian: 'pkg-config', ask: ['pkg-config', '--version'] },
  { debian: 'mbpoll', ask: ['mbpoll', '-V'] },
  { debian: 'libmodbus-dev', ask: ['pkg-config', '--exists', 'libmodbus'] },
  { debian: 'liblib60870-dev', ask: ['test', '-e', '/usr/include/lib60870/cs104_slave.h'] },
  { debian: 'knxd', ask: ['knxd', '--version'] },
  { debian: 'snmpd', ask: ['/usr/sbin/snmpd', '-v'] },
  { debian: 'ffmpeg', ask: ['ffmpeg', '-version'] },
  { debian: 'gir1.2-gst-rtsp-server-1.0', ask: gstreamer('from gi.repository import GstRtspServer') },
  { debian: 'python3-gi', ask: python('gi') },
  { debian: 'gstreamer1.0-plugins-base', ask: element('videotestsrc') },
  { debian: 'gstreamer1.0-plugins-good', ask: element('rtph264pay') },
  { debian: 'gstreamer1.0-plugins-ugly', ask: element('x264enc') },
  { debian: 'can-utils', ask: ['sh', '-c', 'command -v candump && command -v asc2log'] },
  { debian: 'strace', ask: ['strace', '--version'] },
  { debian: 'iproute2', ask: ['sh', '-c', 'PATH=$PATH:/usr/sbin command -v ip'] },
  { debian: 'procps', ask: ['sh', '-c', 'command -v pgrep'] },
  { debian: 'tshark', ask: ['sh', '-c', 'tshark --version && text2pcap --version'] },
  { debian: 'swupdate', ask: ['sh', '-c', 'PATH=$PATH:/usr/sbin command -v swupdate'] },
  { debian: 'rauc', ask: ['rauc', '--version'] },
  { debian: 'dbus-daemon', ask: ['dbus-daemon', '--version'] },
  { debian: 'squashfs-tools', ask: ['sh', '-c', 'command -v mksquashfs'] },
  { debian: 'mmdebstrap', ask: ['mmdebstrap', '--version'] },
  { debian: 'qemu-system-x86', ask: ['qemu-system-x86_64', '--version'] },
  { debian: 'qemu-utils', ask: ['qemu-img', '--version'] },
  { debian: 'zsync', ask: ['sh', '-c', 'command -v zsync && command -v zsyncmake'] },
  { debian: 'casync', ask: ['casync', '--version'] },
  { debian: 'bsdiff', ask: ['sh', '-c', 'command -v bsdiff'] },
  { debian: 'socat', ask: ['socat', '-V'] },
  { debian: 'python3-pymodbus', ask: python('pymodbus') },
  { debian: 'python3-serial', ask: python('serial') },
  { debian: 'libopen62541-1.4-dev', ask: ['test', '-e', '/usr/include/open62541/server.h'] },
  { debian: 'mosquitto', ask: ['sh', '-c', 'PATH=$PATH:/usr/sbin command -v mosquitto'] },
  { debian: 'mosquitto-clients', ask: ['sh', '-c', 'command -v mosquitto_pub'] },
  { debian: 'g++', ask: ['g++', '--version'] },
  { debian: 'libsnap7-dev', ask: ['test', '-e', '/usr/include/snap7.h'] },
  { debian: 'docker.io', ask: ['dockerd', '--version'] },
  { debian: 'docker-cli', ask: ['docker', '--version'] },
  { debian: 'docker-buildx', ask: ['docker', 'buildx', 'version'] },
  { debian: 'docker-compose', ask: ['docker-compose', 'version'] },
  { debian: 'skopeo', ask: ['skopeo', '--version'] },
  { debian: 'oras', ask: ['oras', 'version'] },
  { debian: 'docker-registry', ask: ['docker-registry', '--version'] },
  { debian: 'python3-securesystemslib', ask: python('securesystemslib.dsse') },
  { debian: 'python3-tuf', ask: python('tuf') },
  { debian: 'busybox-static', ask: ['sh', '-c', 'busybox | head -1 && test -x /bin/busybox'] },
  { debian: 'prometheus-alertmanager', ask: ['prometheus-alertmanager', '--version'] },
  { debian: 'haproxy', ask: ['haproxy', '-v'] },
  { debian: 'rsyslog', ask: ['rsyslogd', '-v'] },
  { debian: 'rsyslog-openssl', ask: ['sh', '-c', 'ls /usr/lib/*/rsyslog/lmnsd_ossl.so'] },
  { debian: 'swtpm', ask: ['swtpm', '--version'] },
  { debian: 'tpm2-tools', ask: ['tpm2_createprimary', '--version'] },
  { debian: 'unzip', ask: ['unzip', '-v'] },
  { debian: 'zsh', ask: ['zsh', '-c', 'true'] },
  { debian: 'fish', ask: ['fish', '-c', 'true'] },
  { debian: 'postgresql', ask: ['sh', '-c', 'ls /usr/lib/postgresql/*/bin/initdb'] },
  { debian: 'postgresql-17-timescaledb', ask: ['sh', '-c', 'ls /usr/lib/postgresql/*/lib/timescaledb.so'] },
  { debian: 'influxdb', ask: ['influxd', 'version'] },
  { debian: 'nats-server', ask: ['nats-server', '--version'] },
  { debian: 'librdkafka-dev', ask: ['test', '-e', '/usr/include/librdkafka/rdkafka_mock.h'] },
  { debian: 'python3-scramp', ask: python('scramp') },
  { debian: 'kcat', ask: ['kcat', '-V'] },
  { debian: 'rabbitmq-server', ask: ['test', '-x', '/usr/lib/rabbitmq/bin/rabbitmq-server'] },
  { debian: 'python3-pika', ask: python('pika') },
  { debian: 'kubernetes-client', ask: ['kubectl', 'version', '--client'] },
  { debian: 'libonnx-testdata', ask: ['test', '-d', '/usr/share/libonnx-testdata'] },
]

/** Those that an example or a benchmark cannot do without, by its name. */
const needed = {
  app: ['docker.io', 'docker-cli', 'docker-buildx', 'busybox-static'],
  pump: [
    'gcc',
    'libc6-dev',
    'pkg-config',
    'libmodbus-dev',
    'libopen62541-1.4-dev',
    'mosquitto',
    'mosquitto-clients',
    'protobuf-compiler',
  ],
  camera: ['ffmpeg'],
  connectors: ['gcc', 'libc6-dev', 'pkg-config', 'libmodbus-dev', 'libopen62541-1.4-dev', 'g++', 'libsnap7-dev'],
  delta: ['zsync', 'casync', 'bsdiff'],
  flow: ['mosquitto', 'mosquitto-clients'],
  store: ['postgresql'],
}

/** All that are missing; with the name of an example or a benchmark, those of them that it needs. */
export function missingPeers(name) {
  const wanted = name === undefined ? peers : peers.filter(({ debian }) => needed[name]?.includes(debian))
  return wanted.filter(({ ask: [command, ...args] }) => spawnSync(command, args, { stdio: 'ignore' }).status !== 0)
}
