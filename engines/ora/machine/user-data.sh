#!/bin/bash
# The first start of the machine: a runtime, a user without rights, and a service that fetches and runs the agent. It
# never changes while the machine lives: agent and releases come from the workspace's own bucket, as the metadata say.
set -eu

useradd --system --create-home --home-dir /var/lib/pipi --shell /sbin/nologin pipi || true

cat > /usr/local/bin/pipi-boot <<'BOOT'
#!/bin/bash
# Fetches the agent that the metadata name, checks its sha256, and becomes it. Without an answer the last one goes on.
set -u
metadata=${PIPI_METADATA:-http://169.254.169.254/opc/v2/instance/metadata}
folder=${STATE_DIRECTORY:-/var/lib/pipi}
ask() { curl -fsS -m 10 -H 'Authorization: Bearer Oracle' "$metadata/$1"; }

fetch() {
  want=$(ask pipi_agent) && source=$(ask pipi_source) || return 1
  [[ $want =~ ^[0-9a-f]{64}$ ]] || return 1
  if [ ! -d "$folder/agents/$want" ]; then
    mkdir -p "$folder/agents" || return 1
    curl -fsS -m 120 -o "$folder/agent.json" "${source}agent-$want.json" || return 1
    echo "$want  $folder/agent.json" | sha256sum -c --status || return 1
    rm -rf "$folder/agents/half" && mkdir "$folder/agents/half" || return 1
    node -e 'const fs = require("fs"), [from, to] = process.argv.slice(1)
      for (const [name, text] of Object.entries(JSON.parse(fs.readFileSync(from, "utf8")))) fs.writeFileSync(`${to}/${name}`, text)' \
      "$folder/agent.json" "$folder/agents/half" || return 1
    mv "$folder/agents/half" "$folder/agents/$want" || return 1
  fi
  echo "$want" > "$folder/agent"
}

fetch || echo 'the agent could not be fetched; the last one goes on' >&2
PIPI_AGENT=$(cat "$folder/agent") || exit 1
export PIPI_AGENT
exec node "$folder/agents/$PIPI_AGENT/main.mjs"
BOOT
chmod 755 /usr/local/bin/pipi-boot

cat > /etc/systemd/system/pipi.service <<'UNIT'
[Unit]
Description=Pipi Engines: the workspace's components
After=network-online.target
Wants=network-online.target

[Service]
User=pipi
StateDirectory=pipi
StateDirectoryMode=0700
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
TasksMax=2000
ExecStart=/usr/local/bin/pipi-boot
Restart=always
RestartSec=3

[Install]
WantedBy=multi-user.target
UNIT

# Nothing else answers: what the network lets in is port 80 alone.
firewall-offline-cmd --add-service=http || true
systemctl restart firewalld || true
systemctl disable --now sshd.socket sshd.service || true

dnf -y module install nodejs:22/minimal
systemctl daemon-reload
systemctl enable --now pipi.service
# A JVM is there soon after; what needs it is tried again until then.
dnf -y install java-21-openjdk-headless
