# The agent, and the program of a pod: `npm run image -- --agent` lays out what goes in (docs/devices/kubernetes.md).
FROM scratch
COPY rootfs/ /
COPY --chown=10001:10001 empty/ /var/lib/skerry/
COPY --chown=10001:10001 empty/ /tmp/
ENV HOME=/tmp
USER 10001:10001
EXPOSE 8500 8501 8502
VOLUME /var/lib/skerry
ENTRYPOINT ["/usr/bin/node", "/app/node_modules/@skerry/agent/dist/main.js"]
