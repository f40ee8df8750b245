/**
 * Install script: one file of POSIX shell that makes a computer a device of this hub. It needs curl, tar, sha256sum and
 * no Node: the package brings its own. It trusts only the authority that stands in it, and the command that a person
 * copies has the digest of the script.
 */

type ScriptFacts = { hubUrl: string; authoritiesPem: string; fingerprint: string }

/** The text for a hub. The same facts give the same bytes, so that its digest can be printed beforehand. */
export const installScript = ({ hubUrl, authoritiesPem, fingerprint }: ScriptFacts): string =>
  `#!/bin/sh
# Installs the Skerry agent from ${hubUrl}
# The authority of this hub has the SHA-256 ${fingerprint}
set -eu
HUB='${hubUrl}'
AUTHORITIES='${authoritiesPem.trim()}'
${BODY}`

const BODY = String.raw`
usage() {
  cat <<'TEXT'
Usage: install.sh --token TOKEN [options] [-- options of the agent]

  --token TOKEN      join token ("skerry device install-command" prints the whole command)
  --token-file FILE  a file with the join token instead
  --name NAME        the name that the device would like (default: from its host name)
  --dir DIR          where agent and data are kept (default: /var/lib/skerry-agent, or ~/.skerry/device without root)
  --user USER        user that runs the agent (default: skerry, with root; made if it is missing)
  --no-service       write no systemd unit, and print how to start the agent
  --uninstall        stop and remove the agent; data and keys of the device stay
  --purge            with --uninstall: remove data and keys too
TEXT
}
fail() { echo "install.sh: $1" >&2; exit 1; }
need() { command -v "$1" >/dev/null 2>&1 || fail "$1 is missing; install it, and run this again"; }

TOKEN=''; NAME=''; DIR=''; RUNAS=''; SERVICE=auto; ACTION=install; PURGE=no; EXTRA=''
# A word in quotes, as a shell reads it.
quoted() { printf "'%s' " "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }
while [ $# -gt 0 ]; do
  case "$1" in
    --token) [ $# -gt 1 ] || fail '--token needs a value'; TOKEN=$2; shift 2 ;;
    --token-file) [ $# -gt 1 ] || fail '--token-file needs a value'; TOKEN=$(cat "$2"); shift 2 ;;
    --name) [ $# -gt 1 ] || fail '--name needs a value'; NAME=$2; shift 2 ;;
    --dir) [ $# -gt 1 ] || fail '--dir needs a value'; DIR=$2; shift 2 ;;
    --user) [ $# -gt 1 ] || fail '--user needs a value'; RUNAS=$2; shift 2 ;;
    --no-service) SERVICE=no; shift ;;
    --uninstall) ACTION=uninstall; shift ;;
    --purge) PURGE=yes; shift ;;
    --help) usage; exit 0 ;;
    --) shift; while [ $# -gt 0 ]; do EXTRA="$EXTRA$(quoted "$1")"; shift; done ;;
    *) usage >&2; fail "unknown option $1" ;;
  esac
done

ROOT=no
[ "$(id -u)" = 0 ] && ROOT=yes
if [ -z "$DIR" ]; then
  if [ $ROOT = yes ]; then DIR=/var/lib/skerry-agent; else DIR=$HOME/.skerry/device; fi
fi
case "$DIR" in /*) ;; *) DIR=$(pwd)/$DIR ;; esac
case "$DIR" in *[!A-Za-z0-9/._-]*) fail "--dir may have letters, digits and / . _ - only" ;; esac
case "$RUNAS$NAME" in *[!A-Za-z0-9._-]*) fail "--user and --name may have letters, digits and . _ - only" ;; esac
UNIT=/etc/systemd/system/skerry-agent.service
if [ $SERVICE = auto ]; then
  if [ $ROOT = yes ] && [ -d /run/systemd/system ]; then SERVICE=yes; else SERVICE=no; fi
fi

if [ $ACTION = uninstall ]; then
  if [ $SERVICE = yes ] && [ -f $UNIT ]; then
    systemctl disable --now skerry-agent.service || true
    rm -f $UNIT
    systemctl daemon-reload
  fi
  rm -rf "$DIR/software" "$DIR/launcher" "$DIR/start" "$DIR/join-token"
  if [ $PURGE = yes ]; then rm -rf "$DIR/data"; rmdir "$DIR" 2>/dev/null || true; fi
  echo "The agent is removed from $DIR."
  [ $PURGE = yes ] || [ ! -d "$DIR/data" ] || echo "Data and keys of the device are still in $DIR/data; --purge removes them."
  exit 0
fi

[ -n "$TOKEN" ] || { usage >&2; fail '--token is missing'; }
for program in curl tar sha256sum uname sync; do need $program; done
case "$(uname -m)" in
  x86_64|amd64) ARCH=x64 ;;
  aarch64|arm64) ARCH=arm64 ;;
  *) fail "there is no agent for $(uname -m)" ;;
esac
umask 077
mkdir -p "$DIR"
WORK=$DIR/.install.$$
mkdir "$WORK"
trap 'rm -rf "$WORK"' EXIT
printf '%s\n' "$AUTHORITIES" >"$WORK/ca.pem"

# The token goes through standard input: other people on this machine can read the words of a command.
fetch() {
  printf 'header = "authorization: Bearer %s"\n' "$TOKEN" |
    curl --config - --silent --show-error --fail-with-body --cacert "$WORK/ca.pem" --tlsv1.3 \
      --retry 5 --retry-delay 2 --output "$2" "$HUB$1" || {
    [ ! -s "$2" ] || { cat "$2" >&2; echo >&2; }
    fail "the hub at $HUB did not give $1"
  }
}

fetch "/install/agent?arch=$ARCH" "$WORK/list"
value() { sed -n "s/^$1 //p" "$WORK/list"; }
DIGEST=$(value digest)
ENTRY=$(value launcher)
NODE=$(value node)
VERSION=$(value version)
case "$DIGEST" in *[!0-9a-f]*|'') fail 'the hub gave an answer that this script cannot read' ;; esac
echo "Installing Skerry agent $VERSION in $DIR ..."

SOFTWARE=$DIR/software
HOME_OF=$SOFTWARE/versions/$DIGEST
mkdir -p "$SOFTWARE/versions" "$DIR/launcher" "$DIR/data"
if [ ! -d "$HOME_OF" ]; then
  NEW=$WORK/version
  mkdir "$NEW"
  grep '^file ' "$WORK/list" >"$WORK/files"
  while read -r _ FORM HEX FILE; do
    fetch "/install/files/sha256:$HEX" "$WORK/part"
    printf '%s  %s\n' "$HEX" "$WORK/part" | sha256sum --check --quiet - || fail "$FILE arrived with other bytes"
    case $FORM in
      archive) tar -xf "$WORK/part" -C "$NEW" ;;
      program) chmod 700 "$WORK/part"; mkdir -p "$(dirname "$NEW/$FILE")"; mv "$WORK/part" "$NEW/$FILE" ;;
      manifest) mv "$WORK/part" "$NEW/$FILE" ;;
    esac
    rm -f "$WORK/part"
  done <"$WORK/files"
  sync
  mv "$NEW" "$HOME_OF"
fi
if [ ! -L "$SOFTWARE/current" ]; then ln -s "versions/$DIGEST" "$SOFTWARE/current"; fi

cp "$HOME_OF/$(dirname "$ENTRY")"/*.js "$DIR/launcher/"
echo '{"type":"module"}' >"$DIR/launcher/package.json"
PROGRAM=$DIR/launcher/node
if [ "$NODE" != - ]; then
  ln -f "$HOME_OF/$NODE" "$PROGRAM" 2>/dev/null || cp "$HOME_OF/$NODE" "$PROGRAM"
else
  MAJOR=$(value node-major)
  PROGRAM=$(command -v node) || fail "this package brings no Node.js; install Node.js $MAJOR, and run this again"
  "$PROGRAM" -e "process.exit(Number(process.versions.node.split('.')[0]) < $MAJOR ? 1 : 0)" ||
    fail "this package brings no Node.js, and $PROGRAM is older than $MAJOR; install a newer one, and run this again"
fi
printf '%s\n' "$TOKEN" >"$DIR/join-token"
{
  echo '#!/bin/sh'
  echo '# Starts the agent of this device, under its launcher. Made by install.sh.'
  printf 'exec %s %s %s --data %s --join-file %s ' \
    "$PROGRAM" "$DIR/launcher/$(basename "$ENTRY")" "$SOFTWARE" "$DIR/data" "$DIR/join-token"
  [ -z "$NAME" ] || printf -- '--name %s ' "$NAME"
  printf '%s"$@"\n' "$EXTRA"
} >"$DIR/start"
chmod 700 "$DIR/start"
sync

if [ $ROOT = yes ] && { [ -n "$RUNAS" ] || [ $SERVICE = yes ]; }; then
  [ -n "$RUNAS" ] || RUNAS=skerry
  id "$RUNAS" >/dev/null 2>&1 || useradd --system --home-dir "$DIR" --shell /usr/sbin/nologin "$RUNAS"
  chown -R "$RUNAS": "$DIR"
fi
if [ $SERVICE = yes ]; then
  cat >$UNIT <<TEXT
# Made by install.sh of $HUB
[Unit]
Description=Skerry agent
Wants=network-online.target
After=network-online.target

[Service]
User=$RUNAS
ExecStart=$DIR/start --secrets /run/skerry-secrets
RuntimeDirectory=skerry-secrets
RuntimeDirectoryMode=0700
ReadWritePaths=$DIR
Restart=always
RestartSec=5
UMask=0077
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
CapabilityBoundingSet=
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_CAN AF_NETLINK

[Install]
WantedBy=multi-user.target
TEXT
  systemctl daemon-reload
  systemctl enable --now skerry-agent.service
  echo 'The agent runs as skerry-agent.service; "systemctl status skerry-agent" shows it.'
else
  echo "Start the agent with: $DIR/start"
  echo 'It runs until that command ends, and not after the next boot: this computer has no systemd, or it was not wanted.'
fi
echo 'The device joins at the first start of the agent: "skerry device ls" and the page of devices then show it.'
`
