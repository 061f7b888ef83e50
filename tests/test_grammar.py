"""What is held of sentences: the helper itself finds what pages once said, and lets pass what is right."""

import pytest
from grammar import assert_sound, faults

UNSOUND = [
    "The 1 later epochs did not better it.",
    "Scored there the mean IoU is 0.252 instead of 0.252.",
    "It rises from 0.03 to 0.03.",
    "They come from 1 sequences.",
    "Of 1 classes that both show, none loses.",
    "54 scene has a low score.",
    "2 scenes has a low score.",
    "1 scene have a low score.",
    "The correlation is nan.",
    "A p-value of p = 0.000 is no number.",
    "None of 0 was right.",
    "It is better under .",
    "It grows with “”.",
    "It differs by −0.000 in all.",
    "It differs by -0.012 in all.",
    "The the network is right.",
    "Set `segmentation.models` to compare.",
    "It has no interval (.",
    "It is right. it is wrong.",
    "It is right..",
    "it is right.",
    "It is right",
    "It is 1.0 times as wide.",
    "It lies in a area.",
]

SOUND = [
    "Its mean IoU over 6 classes is 0.403.",
    "1 scene has a mean IoU of 0.5 or less: 0.252.",
    "Of 2 classes that both show, one loses more than chance explains, and none gains as surely.",
    "It falls from 0.030 to 0.003, a difference of −0.027 (95 % interval −0.030 to −0.020).",
    "Mean IoU changes by 0.000 (95 % interval −0.001 to +0.001).",
    "“the the class” is a name, and “1 scenes” too.",
    "Of 1,124 images none is wrong; p < 0.001.",
    "Nothing goes with it, e.g. at 512 × 512 pixels.",
    "The first one-way pair is 0.9 times as large as an hour ago.",
]


@pytest.mark.parametrize("text", UNSOUND)
def test_what_cannot_stand_on_a_page_is_found(text):
    assert faults(text)
    with pytest.raises(AssertionError, match="in: "):
        assert_sound(["Fine.", text])


@pytest.mark.parametrize("text", SOUND)
def test_what_can_stand_is_let_pass(text):
    assert faults(text) == []
