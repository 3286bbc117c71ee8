"""The kubelet's volume manager: what a pod's volumes need on the node, made and taken away.

Source: kubernetes v1.33, pkg/kubelet/volumemanager; the kubelet's own folder is shared before all else.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Mapping

from mountlab.containers.ledger import Ledger
from mountlab.containers.world import make_directories
from mountlab.kubernetes.cluster import csi, teardown
from mountlab.kubernetes.cluster.events import Events
from mountlab.kubernetes.cluster.files import Find, files_of
from mountlab.kubernetes.cluster.state import ContainerState, PodState
from mountlab.kubernetes.cluster.volumes import make_nested, make_volume, set_up_folders
from mountlab.kubernetes.kubelet import KubeletError, Setup


class VolumeManager:
    """The volumes of a node.

    Args:
        ledger: of the kubelet.
        pods: those that the API server knows, by namespace and name.
        events: where it tells what happened.
        fork: begins a process in a container, and names it.
    """

    def __init__(
        self,
        ledger: Ledger,
        pods: Mapping[tuple[str, str], PodState],
        events: Events,
        fork: Callable[[ContainerState], str],
    ) -> None:
        self.ledger, self.pods, self.events, self._fork = ledger, pods, events, fork
        self.world, self.made = ledger.world, ledger.made
        set_up_folders(ledger)

    def has_all(self, pod: PodState, find: Find) -> bool:
        """Make what is missing of a pod's volumes; whether nothing is."""
        try:
            for volume in pod.pod.volumes:
                if volume.name not in pod.made:
                    files = files_of(volume, find)
                    self._make(pod.setups[volume.name])
                    pod.made.add(volume.name)
                    make_nested(self.ledger, pod.pod, pod.setups[volume.name])
                    self._write(pod.setups[volume.name].path, files)
        except KubeletError as error:
            self.events.warn(pod, error.reason, error.text)
            return False
        return True

    def _make(self, setup: Setup) -> None:
        if setup.how != "driver":
            make_volume(self.ledger, setup)
            return
        try:
            plugin = csi.plugin_of(self.pods.values(), setup.source)
        except KubeletError as error:
            head = f'MountVolume.SetUp failed for volume "{setup.inner_name}" : kubernetes.io/csi:'
            text = f"{head} mounter.SetUpAt failed to get CSI client: {error.text}"
            raise KubeletError("FailedMount", text) from None
        make_directories(self.world, self.ledger.process, posixpath.dirname(setup.path))
        self._publish(plugin, setup)

    def _publish(self, plugin: csi.Plugin, setup: Setup) -> None:
        """Let the plugin mount; what it serves needs a process as long as its container lives."""
        process = self._fork(plugin.state)
        try:
            csi.publish(Ledger(self.world, process, self.made), plugin, setup)
        except KubeletError:
            self.world.end(process)
            raise
        if csi.is_fuse(setup):
            plugin.state.servers.append(process)
        else:
            self.world.end(process)

    def _write(self, folder: str, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            make_directories(self.world, self.ledger.process, posixpath.dirname(f"{folder}/{path}"))
            self.world.write(self.ledger.process, f"{folder}/{path}", text)

    def publish_again(self, pod: PodState, drivers: Collection[str]) -> None:
        """Let drivers that ask for it mount again what is dead or gone (CSIDriver: requiresRepublish)."""
        for setup in pod.setups.values():
            is_asked = setup.how == "driver" and setup.name in pod.made and setup.source in drivers
            if is_asked and not csi.is_healthy(self.world, self.ledger.process, setup):
                try:
                    self._make(setup)
                except KubeletError as error:
                    self.events.warn(pod, error.reason, error.text)

    def clean_up(self, pod: PodState) -> bool:
        """Take away what a pod has on the node, when its containers have ended; whether nothing is left."""
        try:
            teardown.unbind_sub_paths(self.ledger, pod.sub_paths)
            self._unpublish(pod)
            setups = {name: setup for name, setup in pod.setups.items() if name in pod.made}
            teardown.remove_volumes(self.ledger, setups, pod.uid)
        except KubeletError as error:
            self.events.warn(pod, error.reason, error.text, "kubelet's log")
            return False
        return True

    def _unpublish(self, pod: PodState) -> None:
        """Let drivers unmount their volumes of a pod."""
        for setup in [each for each in pod.setups.values() if each.how == "driver" and each.name in pod.made]:
            try:
                plugin = csi.plugin_of(self.pods.values(), setup.source)
            except KubeletError as error:
                head = f'UnmountVolume.TearDown failed for volume "{setup.inner_name}" : kubernetes.io/csi:'
                text = f"{head} Unmounter.TearDownAt failed to get CSI client: {error.text}"
                raise KubeletError("FailedUnMount", text) from None
            process = self._fork(plugin.state)
            csi.unpublish(Ledger(self.world, process, self.made), setup)
            self.world.end(process)
            pod.made.discard(setup.name)
