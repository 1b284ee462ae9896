"""ModelParams: every size and switch of the networks, and the presets built from them.

``vox256`` is the official DaGAN (CVPR 2022, ``vox-adv-256`` with 15 keypoints), ``fomm256`` the
first order motion model (NeurIPS 2019) it grew out of. ``compact`` is DaGAN's architecture for two
CPU cores; each field says what it changes. Sizes are sides of squares in pixels.
"""

import json
from dataclasses import asdict, dataclass, fields, replace

QUERIES = ("depth", "appearance")

MOST, MOST_BLOCKS = 8192, 64
"""The largest size or width, and number of blocks, that a file may ask for: building the network of
a damaged or hostile one must not take for ever."""


@dataclass(frozen=True, slots=True)
class ModelParams:
    """Sizes and switches. The defaults are the official network.

    Raises:
        ValueError: the values contradict each other.
    """

    name: str = "vox256"
    image_size: int = 256
    num_keypoints: int = 15

    # Switches (the paper's ablations).
    use_depth: bool = True
    """The face depth network (section 3.1), for keypoints, attention or both."""
    keypoint_depth: bool = True
    """Where there is a depth network, the detector sees RGB-D (section 3.2) and not RGB alone."""
    use_attention: bool = True
    """Attention (section 3.3, eq. 9)."""
    attention_queries: str = "depth"
    """What asks: "depth", the portrait's (cross-modal attention), or "appearance", the warped
    features that also give keys and values (self-attention)."""
    align_corners: bool = False
    """How coordinates map to pixels when sampling. False is the official code, in which the
    identity grid zooms slightly; True makes the identity an exact copy."""

    # Face depth network F_d (section 3.1): ResNet encoder, disparity decoder.
    depth_size: int = 256
    """Side of the picture that F_d sees, and of the disparity it gives."""
    depth_blocks: tuple[int, ...] = (2, 2, 2, 2)
    depth_bottleneck: bool = False
    """Residual blocks of three convolutions with a quarter of the width inside (ResNet-50), not of
    two (ResNet-18)."""
    depth_encoder: tuple[int, ...] = (64, 64, 128, 256, 512)
    depth_decoder: tuple[int, ...] = (16, 32, 64, 128, 256)

    # Keypoint detector F_kp (section 3.2).
    keypoint_size: int = 64
    """Side of the RGB-D picture that the detector sees."""
    keypoint_stem: int = 0
    """Channels of a stride-2 convolution before the hourglass; 0: none."""
    keypoint_base: int = 32
    keypoint_max: int = 1024
    keypoint_blocks: int = 5
    keypoint_kernel: int = 7
    keypoint_padding: int = 0
    jacobian_kernel: int = 7
    jacobian_padding: int = 0
    temperature: float = 0.1
    """Divides the heat-map logits before the softmax."""

    # Dense motion F_m (section 3.3).
    flow_size: int = 64
    """Side of the grid on which the flow is made, whatever the size of the picture."""
    flow_stem: int = 0
    """Channels of a stride-2 convolution before the hourglass, undone by an Up block after it; 0:
    none."""
    flow_base: int = 64
    flow_max: int = 1024
    flow_blocks: int = 5
    flow_kernel: int = 7
    flow_residual: float = 0.0
    """Scale of a learned correction added to the flow, in [-1, 1] units; 0: none."""

    # Generator (section 3.3).
    encoder: tuple[int, ...] = (64, 128, 256)
    """Channels at full, half and quarter resolution, for the portrait and for its depth."""
    depth_features: tuple[int, ...] = (64, 128, 256)
    attention_channels: int = 32
    """Channels of queries and keys."""
    attention_pool: int = 1
    """The attention grid is the feature grid divided by this."""
    bottleneck: int = 6
    """Residual blocks after the attention."""
    decoder: tuple[int, ...] = (128, 64)
    """Channels at half and at full resolution."""
    output_kernel: int = 7
    warp_skips: bool = False
    """Feed every decoder level with the portrait warped at that resolution."""
    spade: bool = False
    """Decode by SPADE, as the authors' published checkpoint does, instead of the paper's decoder;
    bottleneck, decoder, output_kernel, warp_skips and blend then have no meaning."""
    blend: bool = False
    """Blend the portrait warped at full resolution with the synthesised pixels by a predicted
    mask."""
    motion_features: bool = False
    """The decoder also sees what dense motion made its mask from: a mouth that opens shows there,
    and not in the portrait's warped features if its mouth is shut. Not in the paper."""

    def __post_init__(self) -> None:
        if self.attention_queries not in QUERIES:
            raise ValueError(
                f"attention_queries is {self.attention_queries!r}, expected {' or '.join(QUERIES)}"
            )
        if self.attends_by_depth and not self.use_depth:
            raise ValueError(
                "depth-aware attention (use_attention) needs the depth network (use_depth)"
            )
        if self.use_depth and not (self.keypoint_depth or self.attends_by_depth):
            raise ValueError(
                "neither keypoints (keypoint_depth) nor attention use the depth network (use_depth)"
            )
        if (
            len(self.depth_encoder) != 5
            or len(self.depth_decoder) != 5
            or len(self.depth_blocks) != 4
        ):
            raise ValueError(
                "the depth network needs 5 encoder widths, 5 decoder widths and 4 block counts"
            )
        if len(self.encoder) != 3 or len(self.depth_features) != 3 or len(self.decoder) != 2:
            raise ValueError("the generator needs 3 encoder, 3 depth feature and 2 decoder widths")
        for side in (self.depth_size, self.keypoint_size, self.flow_size):
            if self.image_size % side:
                raise ValueError(
                    f"a side of {side} does not divide the image side {self.image_size}"
                )

        if self.attends_by_depth:
            asking, grid = self.depth_size // 4, self.image_size // 4 // self.attention_pool
            if asking % grid:
                raise ValueError(
                    f"depth features of {asking} x {asking} (depth_size / 4) cannot ask on an "
                    f"attention grid of {grid} x {grid} (image_size / 4 / attention_pool); "
                    "expected a multiple of it"
                )

    @property
    def detects_by_depth(self) -> bool:
        """Whether the keypoint detector sees RGB-D."""
        return self.use_depth and self.keypoint_depth

    @property
    def attends_by_depth(self) -> bool:
        """Whether the portrait's depth queries the attention."""
        return self.use_attention and self.attention_queries == "depth"

    def to_json(self) -> str:
        """One line of JSON, as kept in the metadata of a weights file."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "ModelParams":
        """Read what :meth:`to_json` wrote.

        Raises:
            ValueError: not JSON, unknown fields, or values of the wrong type or in contradiction.
        """
        try:
            values = json.loads(text)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        if not isinstance(values, dict):
            raise ValueError(f"expected an object of parameters, got {type(values).__name__}")
        defaults = cls()
        known = {f.name for f in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise ValueError(f"unknown parameters: {', '.join(unknown)}")
        for key, value in values.items():
            default = getattr(defaults, key)
            values[key] = value = tuple(value) if isinstance(default, tuple) else value
            if type(default) is float and type(value) is int:
                values[key] = float(value)
            elif type(value) is not type(default):
                raise ValueError(f"{key} should be {type(default).__name__}, got {value!r}")
            items = value if isinstance(value, tuple) else (value,)
            if isinstance(value, tuple) and not all(type(item) is int for item in value):
                raise ValueError(f"{key} should hold integers, got {value!r}")
            most = MOST_BLOCKS if key == "bottleneck" or key.endswith("_blocks") else MOST
            if any(type(item) is int and not 0 <= item <= most for item in items):
                raise ValueError(f"{key} should be between 0 and {most}, got {value!r}")
        try:
            return cls(**values)
        except ArithmeticError as error:
            raise ValueError(f"a size is 0: {error}") from error


VOX = ModelParams()

DEPTH50 = replace(
    VOX,
    name="vox256-depth50",
    depth_blocks=(3, 4, 6, 3),
    depth_encoder=(64, 256, 512, 1024, 2048),
    depth_bottleneck=True,
)

OFFICIAL = (
    VOX,
    replace(VOX, name="vox256-spade", spade=True),
    DEPTH50,
    replace(DEPTH50, name="vox256-spade-depth50", spade=True),
    # Table 4 of the paper. FDN: depth for the keypoints; CAM: attention queried by depth. Its last
    # row, DaGAN, is vox256.
    replace(VOX, name="vox256-baseline", use_depth=False, use_attention=False),
    replace(VOX, name="vox256-fdn", use_attention=False),
    replace(VOX, name="vox256-cam", keypoint_depth=False),
    replace(VOX, name="vox256-self", use_depth=False, attention_queries="appearance"),
    # Its other part: the same added to the first order motion model. The published vox-adv-cpk was
    # trained by PyTorch 1.0, which sampled with corners aligned; the others by the code of vox256.
    replace(
        VOX,
        name="fomm256",
        num_keypoints=10,
        use_depth=False,
        use_attention=False,
        align_corners=True,
    ),
    replace(VOX, name="fomm256-fdn", num_keypoints=10, use_attention=False),
    replace(VOX, name="fomm256-cam", num_keypoints=10, keypoint_depth=False),
    replace(VOX, name="fomm256-fdn-cam", num_keypoints=10),
)
"""What the authors' code builds, for their checkpoints and those of others who train by it."""

PRESETS: dict[str, ModelParams] = {
    **{params.name: params for params in OFFICIAL},
    "compact": ModelParams(
        name="compact",
        num_keypoints=20,
        align_corners=True,
        depth_size=128,
        depth_blocks=(1, 1, 1, 1),
        depth_encoder=(16, 24, 32, 48, 64),
        depth_decoder=(8, 12, 16, 24, 32),
        keypoint_size=128,
        keypoint_stem=24,
        keypoint_base=24,
        keypoint_max=128,
        keypoint_blocks=4,
        keypoint_kernel=3,
        keypoint_padding=1,
        jacobian_kernel=1,
        temperature=1.0,
        flow_stem=48,
        flow_base=32,
        flow_max=128,
        flow_blocks=3,
        flow_kernel=3,
        flow_residual=0.1,
        encoder=(16, 32, 48),
        depth_features=(8, 16, 32),
        attention_channels=16,
        attention_pool=2,
        bottleneck=2,
        decoder=(24, 12),
        output_kernel=3,
        warp_skips=True,
        blend=True,
        motion_features=True,
    ),
}
"""The built-in parameter sets by name."""
